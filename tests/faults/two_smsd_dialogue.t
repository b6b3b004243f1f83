#!/usr/bin/perl
# Two smsd on one bearerbox, and customers whose answers to one question come twice, or differ, at the same moment: whichever smsd
# has which of them, one answer counts, who is charged is charged once, and the evidence says the same as the books.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Pot;
use Test::More;
use Time::HiRes qw(time);

my $customers = $ENV{FAULTS_LONG} ? 4000 : 400;

my $hall = Hall->new(fast => 0);
ok($hall->ready, 'the hall is ready');
my $mine = Pot::make($hall, $customers);
$hall->start_second('hall2');

# Every third says yes twice, every third yes and no, every third no and yes.
my @answers = ([qw(Y Y)], [qw(Y N)], [qw(N Y)]);
my $line = $hall->ear('*');
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

for my $i (0 .. $customers - 1) {
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
	scalar(grep { !((FIRST + $_) % 3) } 0 .. $customers - 1), 'who said nothing but yes is charged');
is(scalar $hall->sql("SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.evidence WHERE $mine AND result IN ('accepted', 'declined')"),
	"$customers $customers", 'one answer of each counted');
is(scalar $hall->sql("SELECT count(*) FROM hall.evidence AS e FULL JOIN bss.pot AS p ON p.msisdn = e.msisdn AND p.mo_id = e.answer_id
	WHERE (e.result = 'accepted' AND e.outcome = 'ok') IS DISTINCT FROM (p.msisdn IS NOT NULL)"), 0, 'the evidence says who was charged, and by which text');
is(scalar $hall->sql("SELECT count(*) FROM hall.dialogue WHERE $mine AND kind = 'confirm'"), 0, 'no question stays open');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
