#!/usr/bin/perl
# SIGKILL of smsd, three times, while hundreds of customers order and confirm, and the SMSC delivers each of their texts
# twice: whoever was asked and said yes is charged once, whatever came again, and the evidence tells of each.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Pot;
use Test::More;
use Time::HiRes qw(time);

use constant { CUSTOMERS => 300 };

my $hall = Hall->new(fast => 0);
ok($hall->ready, 'the hall is ready');
my $mine = Pot::make($hall, CUSTOMERS);

my $line = $hall->ear('*');
$line->send('DUP on');
$line->expect(qr/^OK/, 5);
my (%asked, %paid, %odd);

# What has come; a question is answered, once by each customer.
sub take {
	my ($seconds) = @_;
	while (defined(my $l = $line->next($seconds))) {
		$seconds = 0;
		my $mt = $line->parse_mt($l) or next;
		if ($mt->{text} =~ /回Y$/) {
			$line->send_text($mt->{to}, '10086', 'Y') unless $asked{$mt->{to}}++;
		} elsif ($mt->{text} eq '付好了') {
			$paid{$mt->{to}}++;
		} else {
			push @{$odd{$mt->{to}}}, $mt->{text};
		}
	}
	return;
}

sub until_paid {
	my ($n, $seconds) = @_;
	my $until = time + $seconds;
	take(0.05) while keys %paid < $n && time < $until;
	return scalar keys %paid;
}

for my $i (0 .. CUSTOMERS - 1) {
	$line->send_text(FIRST + $i, '10086', 'POT');
	take(0) if $i % 20 == 19;
}
for my $n (1, 60, 150) {
	cmp_ok(until_paid($n, 15), '>=', $n, "$n have paid") or last;
	cmp_ok(scalar keys %paid, '<', CUSTOMERS, '… and not all: smsd is killed in the middle');
	$hall->kill('smsd');
	$hall->start('smsd');
}
is(until_paid(CUSTOMERS, 20), CUSTOMERS, 'all are told that they have paid');
take(1.5);		# what comes twice comes late
$line->send('DUP off');

is(scalar $hall->sql('SELECT count(*) || \' \' || count(DISTINCT msisdn) FROM bss.pot WHERE ' . $mine),
	CUSTOMERS . ' ' . CUSTOMERS, 'each is charged exactly once');
is(scalar $hall->sql("SELECT count(*) FROM bss.pot AS p WHERE $mine AND NOT EXISTS (SELECT FROM hall.evidence AS e
	WHERE e.msisdn = p.msisdn AND e.answer_id = p.mo_id AND e.result = 'accepted' AND e.outcome = 'ok')"), 0,
	'… by a text that is evidence');
is(scalar $hall->sql("SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.evidence WHERE $mine AND result = 'accepted'
	AND outcome = 'ok' AND question ~ '付7元，.*回Y' AND answer = 'Y' AND answered_at >= at AND price_version = '3'"),
	CUSTOMERS . ' ' . CUSTOMERS, 'the evidence has question, answer, times and price of each');
is(scalar $hall->sql("SELECT count(*) FROM hall.evidence AS e WHERE $mine AND result = 'accepted' AND NOT EXISTS (SELECT FROM hall.mt AS m
	WHERE m.msisdn = e.msisdn AND m.at = e.at AND m.id = e.question_mt AND m.text = e.question)"), 0, '… and the question was a message');
is(scalar $hall->sql("SELECT count(*) FROM hall.dialogue WHERE $mine AND kind = 'confirm'"), 0, 'no question stays open');
is(scalar $hall->sql("SELECT count(*) FROM (SELECT msisdn FROM hall.mo WHERE $mine GROUP BY msisdn HAVING count(*) = 4) AS m"), CUSTOMERS,
	'every text and its copy is on record');
is_deeply(\%odd, {}, 'nobody hears anything else');
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 0, 'nothing was parked');
diag(sprintf '%d paid, %d of them told more than once; %d questions answered', scalar keys %paid,
	scalar(grep { $_ > 1 } values %paid), scalar keys %asked);
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
