package Faults::Tables;

# Faults::Tables - a test that uses this has the tables of the load (tests/tables-of-load) in its halls, not the sample
# hall's: plain commands, done at once.  HALL_COMMANDS names others.

use strict;
use warnings;
use Hall;

$ENV{HALL_COMMANDS} //= "$Hall::ROOT/tests/tables-of-load";

1;
