package Division;

# Division - the table `division`: its command DIVIDE fails by an error of ours when it is given 0.
#
#	$hall->apply('division.yaml' => Division::table());
#
# Options: note, in the English answer, makes it another version; sql, of columns outcome and q, instead of that which fails.

use strict;
use warnings;
use utf8;

sub table {
	my (%o) = @_;
	my $sql = $o{sql} // q{SELECT 'ok' AS outcome, 100 / CAST(:n AS integer) AS q};
	my $note = defined $o{note} ? " $o{note}" : '';
	return <<"EOY";
table: division
about: Divides by what one texts, to see what happens with nought
scope: group
ports: ["10086"]
commands:
  divide:
    about: A hundred divided by a number
    say: ["DIVIDE {n}"]
    args:
      n: {is: number}
    risk: query
    sql: $sql
    reply:
      ok: {zh: "得{{q}}", en: "makes {{q}}$note"}
      none: {zh: "无", en: "none"}
    examples:
      - {text: "DIVIDE 5", from: "13800138000", expect: ok, says: "20"}
EOY
}

1;
