/** Values by their content: equal ones have one number. Values are not changed once they are here. */
export class Interned<T extends object> {
    private readonly ids = new Map<string, number>();
    private readonly known = new WeakMap<T, number>();
    private readonly values: T[] = [];

    id(value: T): number {
        const before = this.known.get(value);
        if (before !== undefined) return before;
        const text = JSON.stringify(value);
        const id = this.ids.get(text) ?? this.values.push(value) - 1;
        this.ids.set(text, id);
        this.known.set(value, id);
        return id;
    }

    value(id: number): T {
        const value = this.values[id];
        if (value === undefined) throw new Error(`there is no value ${id}`);
        return value;
    }
}
