import { isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap } from 'yaml';

/** Something in the file is not what its field takes. */
export class FieldError extends Error {}

/** Reads values of a YAML document by the type that a field has, as Go's yaml.v2 does for the exporter-toolkit. */

/** @returns the members of a mapping; {} where there is nothing. @throws FieldError for anything else, and for a name that is not in `known` */
export function members(
  node: Node | null | undefined,
  path: string,
  known?: readonly string[],
): Map<string, Node | null> {
  if (isNothing(node)) return new Map();
  if (!isMap(node)) throw new FieldError(`${path || 'the file'}: expected fields, NAME: VALUE`);
  const found = new Map<string, Node | null>();
  for (const { key, value } of (node as YAMLMap<Node, Node | null>).items) {
    const name = text(key, path);
    if (known && !known.includes(name))
      throw new FieldError(
        `${path ? `${path}: ` : ''}no field is called ${JSON.stringify(name)}; known are ${known.join(', ')}`,
      );
    found.set(name, value);
  }
  return found;
}

/** @returns the scalar's text, whatever YAML would take it for; '' where there is nothing */
export function text(node: Node | null | undefined, path: string): string {
  if (isNothing(node)) return '';
  if (!isScalar(node)) throw new FieldError(`${path}: expected a text`);
  return String(node.value);
}

export function texts(node: Node | null | undefined, path: string): string[] {
  if (isNothing(node)) return [];
  if (!isSeq(node)) throw new FieldError(`${path}: expected a list`);
  return node.items.map((item, i) => text(item as Node | null, `${path}[${i}]`));
}

const TRUE = /^(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;

/** @returns a boolean as YAML 1.1 writes it; `otherwise` where there is nothing */
export function truth(node: Node | null | undefined, path: string, otherwise: boolean): boolean {
  if (isNothing(node)) return otherwise;
  const plain = isScalar(node) && node.type === Scalar.PLAIN ? String(node.value) : '';
  if (TRUE.test(plain)) return true;
  if (FALSE.test(plain)) return false;
  throw new FieldError(`${path}: expected true or false`);
}

/** With the failsafe schema, null is a text like any other. */
export function isNothing(node: Node | null | undefined): node is null | undefined {
  if (node === null || node === undefined) return true;
  return isScalar(node) && node.type === Scalar.PLAIN && /^(|~|null|Null|NULL)$/.test(String(node.value ?? ''));
}
