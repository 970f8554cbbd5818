import { Chalk, type ChalkInstance } from 'chalk';

/** Colour where stdout is a terminal that has it; NO_COLOR (any value but empty) turns it off, FORCE_COLOR on. */
export const style: ChalkInstance = process.env['NO_COLOR'] ? new Chalk({ level: 0 }) : new Chalk();

/** For files: no colour, whatever stdout is. */
export const plainStyle: ChalkInstance = new Chalk({ level: 0 });
