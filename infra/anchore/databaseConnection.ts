/** How Anchore Engine connects to its database; the instance is created with the same values. */
export const databaseConnection = { name: "anchore", user: "anchore", port: 5432 } as const;
