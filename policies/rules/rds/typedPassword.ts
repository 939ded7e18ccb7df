/** Tells a password that somebody typed from one that was generated. */

/** Words of passwords that people think of; at least five letters, so that they hardly occur by chance. */
const words = [
    "passw", "secret", "admin", "changeme", "welcome", "qwert", "letmein", "hunter", "master", "postgres", "mysql", "mariadb",
    "aurora", "oracle", "database", "anchore", "scanner", "engine", "default", "example", "foobar", "dummy", "initial",
    "literal", "plain", "login", "access", "secure", "super", "horse", "battery", "staple", "correct", "monkey", "dragon",
    "hello", "world", "abc123", "12345", "1q2w3e", "summer", "winter", "spring", "autumn", "company", "service", "dbuser",
    "testing", "temporary", "please", "rotate",
]; // prettier-ignore

/** Letters that people write as digits and signs. */
const disguises: Readonly<Record<string, string>> = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "@": "a",
    $: "s",
    "!": "i",
};

/** Shortest that a generator makes, in earnest. */
const shortestGenerated = 12;

/**
 * True for a password that is short, has a word in it, or is made of words only. Generated ones look like that once in
 * ten thousand.
 */
export function looksTyped(password: string): boolean {
    if (password.length < shortestGenerated) return true;
    const plain = password.toLowerCase();
    if (words.some((word) => plain.includes(word))) return true;
    const undisguised = [...plain].map((letter) => disguises[letter] ?? letter).join("");
    if (words.some((word) => word.length > 5 && undisguised.includes(word))) return true;
    return /^[A-Za-z]{3,}(?:[-_. ][A-Za-z]{3,})+[-_. ]?\d{0,4}!?$/.test(password);
}
