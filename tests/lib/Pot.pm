package Pot;

# Pot - a charge that no rule of the business keeps from being done again: who is charged twice by the hall's fault is so in
# bss.pot.  Customers text POT, are asked (an answer is Y or N), and pay.
#
#	my $mine = Pot::make($hall, 300);	# SQL: whose rows are those of its customers, FIRST and the 299 after it

use strict;
use warnings;
use utf8;
use Exporter 'import';

use constant { FIRST => 13100000000, OPENING => 10000, PRICE => 700 };
our @EXPORT = qw(FIRST);

my $table = <<'EOT';
table: pot
about: A charge that may be made as often as wanted
scope: group
ports: ["10086"]
commands:
  pot:
    about: Pay into the pot
    say: ["POT"]
    risk: charge
    confirm:
      sql: SELECT outcome, price, price_version FROM hall_api.pot_quote()
      ask: {zh: "付{{price|fen}}元，{{within}}内回Y", en: "{{price|fen}} yuan: reply Y within {{within}}"}
    sql: SELECT outcome FROM hall_api.pot(:msisdn, :mo_id::uuid)
    reply:
      ok: {zh: "付好了", en: "paid"}
    examples: [{text: POT, expect: confirm}]
EOT

sub make {
	my ($hall, $customers) = @_;
	my $last = $customers - 1;
	$hall->sql(<<"EOS");
INSERT INTO bss.subscriber (msisdn, brand, province, plan, plan_since)
SELECT (@{[FIRST]} + i)::text, 'gotone', 'js', (SELECT min(code) FROM bss.plan), '2026-01-01' FROM generate_series(0, $last) AS i;
INSERT INTO bss.account SELECT (@{[FIRST]} + i)::text, @{[OPENING]}, '2027-05-31' FROM generate_series(0, $last) AS i;
CREATE TYPE hall_api.pot_outcome AS ENUM ('ok');
CREATE TABLE bss.pot (msisdn text NOT NULL, mo_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION hall_api.pot_quote(OUT outcome hall_api.pot_outcome, OUT price integer, OUT price_version integer)
LANGUAGE sql STABLE AS \$\$ SELECT 'ok'::hall_api.pot_outcome, @{[PRICE]}, 3 \$\$;
CREATE FUNCTION hall_api.pot(p_msisdn text, p_id uuid, OUT outcome hall_api.pot_outcome) LANGUAGE sql SECURITY DEFINER AS \$\$
	INSERT INTO bss.pot (msisdn, mo_id) VALUES (p_msisdn, p_id) RETURNING 'ok'::hall_api.pot_outcome \$\$;
GRANT EXECUTE ON FUNCTION hall_api.pot_quote(), hall_api.pot(text, uuid) TO hall_command, hall_ops;
EOS
	$hall->apply('pot.yaml' => $table);
	return "msisdn BETWEEN '" . FIRST . "' AND '" . (FIRST + $last) . "'";
}

1;
