/** The file by which CodePipeline's Amazon ECS action learns what to run. */
import { parseImageReference } from "../registry/reference";

/**
 * Name of a container in a task definition (Amazon ECS API reference, `ContainerDefinition`, name: up to 255 letters,
 * digits, underscores and hyphens).
 */
export const containerPattern = /^[A-Za-z0-9_-]{1,255}$/;

/**
 * `imagedefinitions.json`: one container and its image, by digest (AWS CodePipeline User Guide, "Image definitions file
 * for Amazon ECS standard deployment actions"). Containers that it does not name keep their images.
 * @throws Error in one line when the container is no name, or the image is not named by digest.
 */
export function imageDefinitions(container: string, image: string): string {
    if (!containerPattern.test(container)) {
        throw new Error(
            `"${container}" is not the name of a container: letters, digits, _ and -, at most 255`,
        );
    }
    parseImageReference(image);
    return `${JSON.stringify([{ name: container, imageUri: image }])}\n`;
}
