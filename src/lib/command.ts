import { Command } from '@oclif/core';

/** What every command of tslab extends. */
export abstract class TslabCommand extends Command {}
