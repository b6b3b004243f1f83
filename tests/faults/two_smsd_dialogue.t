#!/usr/bin/perl
# Two smsd on one bearerbox, and customers whose answers to one question come twice, or differ, at the same moment: whichever smsd
# has which of them, one answer counts, who is charged is charged once, and the evidence says the same as the books.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Hall;
use Test::More;
use Time::HiRes qw(time);

use constant { FIRST => 13100000000, OPENING => 10000, PRICE => 700 };
my $customers = $Faults::LONG ? 4000 : 400;

delete $ENV{HALL_COMMANDS};		# the shipped tables, which know dialogues
my $hall = Hall->new(fast => 0);
ok($hall->ready, 'the hall is ready');
my $last = $customers - 1;
my $mine = "msisdn BETWEEN '" . FIRST . "' AND '" . (FIRST + $last) . "'";
# A charge that no rule of the business keeps from being done again.
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
$hall->apply('pot.yaml' => <<'EOT');
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
$hall->start_second('hall2');

# Every third says yes twice, every third yes and no, every third no and yes.
my @answers = ([qw(Y Y)], [qw(Y N)], [qw(N Y)]);
my $line = $hall->new_line;
$line->send('LISTEN *');
$line->expect(qr/^OK/, 5);
my (%asked, %heard);

sub take {
	my ($seconds) = @_;
	while (defined(my $l = $line->next($seconds))) {
		$seconds = 0;
		my $mt = $line->parse_mt($l) or next;
		if ($mt->{text} !~ /回Y$/) {
			$heard{$mt->{to}}++;
			next;
		}
		next if $asked{$mt->{to}}++;
		$line->send_text($mt->{to}, '10086', $_) for @{$answers[$mt->{to} % 3]};
	}
	return;
}

for my $i (0 .. $last) {
	$line->send_text(FIRST + $i, '10086', 'POT');
	take(0) if $i % 20 == 19;
}
my $until = time + 60;
take(0.05) while time < $until && (keys %heard < $customers || grep { $_ < 2 } values %heard);
is(scalar keys %asked, $customers, 'all are asked');
is(scalar(grep { $_ == 2 } values %heard), $customers, '… and hear an answer to each of their two answers');
is(scalar $hall->sql("SELECT count(DISTINCT instance) FROM hall.mo WHERE $mine"), 2, 'both smsd have worked');
cmp_ok($hall->sql("SELECT count(*) FROM (SELECT msisdn FROM hall.mo WHERE $mine AND text IN ('Y', 'N') GROUP BY msisdn
	HAVING count(DISTINCT instance) = 2) AS m"), '>', 0, '… and had one each of some customer\'s two answers');
is(scalar $hall->sql("SELECT count(*) - count(DISTINCT msisdn) FROM bss.pot WHERE $mine"), 0, 'nobody is charged twice');
is(scalar $hall->sql("SELECT count(*) FROM bss.pot WHERE $mine AND msisdn::bigint % 3 = 0"),
	scalar(grep { !((FIRST + $_) % 3) } 0 .. $last), 'who said nothing but yes is charged');
is(scalar $hall->sql("SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.evidence WHERE $mine AND result IN ('accepted', 'declined')"),
	"$customers $customers", 'one answer of each counted');
is(scalar $hall->sql("SELECT count(*) FROM hall.evidence AS e FULL JOIN bss.pot AS p ON p.msisdn = e.msisdn AND p.mo_id = e.answer_id
	WHERE (e.result = 'accepted' AND e.outcome = 'ok') IS DISTINCT FROM (p.msisdn IS NOT NULL)"), 0, 'the evidence says who was charged, and by which text');
is(scalar $hall->sql("SELECT count(*) FROM hall.dialogue WHERE $mine AND kind = 'confirm'"), 0, 'no question stays open');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
