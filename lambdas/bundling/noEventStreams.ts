/** In place of `@smithy/core/event-streams`, which the SDK loads when an operation has an event stream. */
export const EventStreamSerde = undefined;
export const eventStreamSerdeProvider = undefined;
