import { judge } from '../lib/analysis/validate.ts';
import { TslabCommand } from '../lib/command.ts';
import { FindingsFound, InputError } from '../lib/errors.ts';
import { jsonFlag, sourceArgs, sourceFlags, sourceFrom } from '../lib/flags.ts';
import { writeLine } from '../lib/output.ts';
import { renderVerdict, verdictJson } from '../lib/render/verdict.ts';

export default class Validate extends TslabCommand {
  static override summary = 'Check snapshots against the schema and the laws that their numbers must obey.';
  static override description =
    'Every snapshot of the source is checked; of two in a row from one process, counters must not go down.\n' +
    'Exit code 0: all is well; 3: a law is broken or a known fault of a producer was met; 4: something could not be read as a snapshot.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> snapshot.json',
    'stats_dump --interval 1s | <%= config.bin %> <%= command.id %> -',
  ];
  static override args = sourceArgs;
  static override flags = { ...sourceFlags, ...jsonFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Validate);
    const source = await sourceFrom(args, flags);
    let warnings = 0;
    let rejected = 0;
    let snapshots = 0;
    for await (const verdict of judge(source.read())) {
      if (verdict.kind === 'rejected') rejected++;
      else snapshots++;
      warnings += verdict.kind === 'rejected' ? 0 : verdict.warnings.length;
      const text = flags.json ? verdictJson(verdict) : renderVerdict(verdict, source.name);
      if (text !== null) await writeLine(text);
    }
    if (!flags.json) await writeLine(`${snapshots} snapshots read, ${rejected} rejected, ${warnings} oddities`);
    if (rejected > 0)
      throw new InputError(
        'rejected',
        `${source.name}: ${rejected} of ${snapshots + rejected} are no usable snapshots`,
      );
    if (warnings > 0) throw new FindingsFound(warnings);
  }
}
