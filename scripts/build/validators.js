// Compiles schemas/*.schema.json that tslab validates against at run time into plain functions (ajv standalone):
// loading ajv itself and compiling would cost more than the whole command.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { _, Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';

/** Schemas that need a validator at run time; the others describe output and are used by tests only. */
const NAMES = ['snapshot', 'diff-config'];

const DECLARATION = `export interface ValidationError {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
}
declare const validate: ((data: unknown) => boolean) & { errors?: ValidationError[] | null };
export default validate;
`;

/** @param {string} root the package's directory */
export async function compileValidators(root) {
  const out = join(root, 'src/generated');
  await mkdir(out, { recursive: true });
  for (const name of NAMES) {
    const schema = JSON.parse(await readFile(join(root, 'schemas', `${name}.schema.json`), 'utf8'));
    const ajv = new Ajv2020({ code: { source: true, esm: true, lines: true }, strict: true, allowUnionTypes: true });
    // Exact integers are numbers up to 2^53 - 1 and bigints above (src/lib/snapshot/u64.ts), which "type: integer" does not know.
    ajv.addKeyword({
      keyword: 'u64',
      /** @param {import('ajv').KeywordCxt} cxt */
      code(cxt) {
        const { data } = cxt;
        cxt.fail(
          _`!(typeof ${data} == "number" ? Number.isSafeInteger(${data}) && ${data} >= 0 : typeof ${data} == "bigint" && ${data} >= 0 && ${data} <= BigInt("18446744073709551615"))`,
        );
      },
    });
    if (schema.$defs?.u64) schema.$defs.u64 = { u64: true };
    const validate = ajv.compile(schema);
    await writeFile(join(out, `validate-${name}.js`), `// @ts-nocheck\n${standalone.default(ajv, validate)}`);
    await writeFile(join(out, `validate-${name}.d.ts`), DECLARATION);
  }
}
