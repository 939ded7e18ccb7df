/** Type tokens of what an approval gate is made of, as the installed provider emits them. */
export const functionType = "aws:lambda/function:Function";
export const functionAliasType = "aws:lambda/alias:Alias";
export const permissionType = "aws:lambda/permission:Permission";
export const eventInvokeConfigType = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
export const eventSourceMappingType = "aws:lambda/eventSourceMapping:EventSourceMapping";
export const eventRuleType = "aws:cloudwatch/eventRule:EventRule";
export const eventTargetType = "aws:cloudwatch/eventTarget:EventTarget";
export const scheduleType = "aws:scheduler/schedule:Schedule";
export const topicType = "aws:sns/topic:Topic";
export const topicPolicyType = "aws:sns/topicPolicy:TopicPolicy";
export const subscriptionType = "aws:sns/topicSubscription:TopicSubscription";
export const queueType = "aws:sqs/queue:Queue";
export const queuePolicyType = "aws:sqs/queuePolicy:QueuePolicy";
export const tableType = "aws:dynamodb/table:Table";
export const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
/** Chat channels subscribe themselves to the topics that they list. */
export const chatChannelTypes = [
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration",
];
