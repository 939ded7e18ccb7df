/** Family of a rule id: what stands before the number, e.g. `ECR` of `ECR-01R`. */
export function familyOf(rule: string): string {
    return /^(.+?)-\d/.exec(rule)?.[1] ?? rule;
}
