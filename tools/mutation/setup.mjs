// A property that a mutant breaks has done its work: nobody looks for the smallest counterexample.
import * as fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
