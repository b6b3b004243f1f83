package Flood;

# Flood - thousands of texts at once from subscribers of sql/seed/bench.sql, and afterwards the books: whether each text
# had its effect exactly once and its sender an answer.  The hall has the tables of tests/tables-of-load.
#
#	my $flood = Flood->new($hall, texts => 5000);
#	$flood->send;
#	$flood->answered(1000);		# waits until so many senders have an answer
#	…kill something, start it again…
#	$flood->finish(60);		# waits for the rest
#	$flood->check_books;		# tests, and figures as diagnostics

use strict;
use warnings;
use utf8;
use Faults::Tables;
use Test::More;
use Time::HiRes qw(time);

use constant { FIRST => 13100000000, VOUCHER => 8800000000000000, OPENING => 10000, AMOUNT => 100, PRICE => 500 };

# What subscriber i says; his number, voucher and event follow from i.
my @says = (
	sub { 'CZ ' . (VOUCHER + $_[0]) },
	sub { 'KT CAILING' },
	sub { 'BM BENCH' . $_[0] % 10 },
	sub { 'YE' },
	sub { 'QWERTZUIOP' },
);

sub new {
	my ($class, $hall, %o) = @_;
	my $n = $o{texts} // 1000;
	$hall->sql(Hall::slurp("$Hall::ROOT/sql/seed/bench.sql"));
	$hall->sql("SELECT bss.bench_load($n)");
	my $line = $hall->ear('*');
	return bless { hall => $hall, n => $n, answers => {}, done => 0, begun => time, line => $line }, $class;
}

# All of them, or those from one index up to before another.
sub send {
	my ($self, $from, $to) = @_;
	my $line = $self->{line};
	for my $i ($from // 0 .. ($to // $self->{n}) - 1) {
		$line->send_text(FIRST + $i, '10086', $says[$i % @says]->($i));
		$self->take(0) if $i % 100 == 99;
	}
}

# Takes what has come; waits at most so many seconds for a first line.
sub take {
	my ($self, $seconds) = @_;
	while (defined(my $l = $self->{line}->next($seconds))) {
		$seconds = 0;
		my $mt = $self->{line}->parse_mt($l) or next;
		next if $mt->{to} < FIRST || $mt->{to} >= FIRST + $self->{n};
		$self->{done}++ unless $self->{answers}{$mt->{to}};
		push @{$self->{answers}{$mt->{to}}}, $mt->{text};
	}
}

# Until so many senders have an answer, or so many seconds are over; how many have.
sub answered {
	my ($self, $n, $seconds) = @_;
	my $until = time + ($seconds // 30);
	$self->take(0.2) while $self->{done} < $n && time < $until;
	return $self->{done};
}

sub finish {
	my ($self, $seconds) = @_;
	$self->answered($self->{n}, $seconds);
	$self->{took} = time - $self->{begun};
	$self->take(1);		# what comes twice comes late
	return $self->{done};
}

sub check_books {
	my ($self) = @_;
	my ($hall, $n) = @$self{qw(hall n)};
	my $kind = sub { int(($n - $_[0] + @says - 1) / @says) };	# how many of them said that
	my $mine = "msisdn BETWEEN '" . FIRST . "' AND '" . (FIRST + $n - 1) . "'";

	is($self->{done}, $n, 'every sender has an answer');
	is(scalar $hall->sql("SELECT count(DISTINCT msisdn) FROM hall.mo WHERE $mine"), $n, 'every text is in hall.mo');
	is(scalar $hall->sql("SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM bss.payment WHERE kind = 'voucher' AND $mine"),
		join(' ', ($kind->(0)) x 2), 'every voucher was booked exactly once');
	is(scalar $hall->sql("SELECT count(*) FROM bss.voucher v JOIN bss.payment p ON p.ref = v.serial::text AND p.msisdn = v.used_for
		WHERE p.kind = 'voucher' AND p.msisdn = (@{[FIRST]} + v.serial - 880000000)::text AND p.$mine"), $kind->(0),
		'… to the number that sent it');
	is(scalar $hall->sql("SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM bss.payment WHERE kind = 'service' AND $mine"),
		join(' ', ($kind->(1)) x 2), 'every service was charged exactly once');
	is(scalar $hall->sql("SELECT count(*) FROM bss.subscription WHERE service = 'CAILING' AND $mine"), $kind->(1),
		'… and is on');
	is(scalar $hall->sql("SELECT count(*) FROM bss.registration WHERE event LIKE 'BENCH%' AND state = 'in' AND $mine"), $kind->(2),
		'every sign-up is there');
	is(scalar $hall->sql("SELECT sum(taken) FROM bss.event WHERE code LIKE 'BENCH%'"), $kind->(2), '… and took one place');
	is(scalar $hall->sql("SELECT count(*) FROM bss.account a WHERE $mine AND balance <> @{[OPENING]} +
		(SELECT coalesce(sum(amount), 0) FROM bss.payment p WHERE p.msisdn = a.msisdn)"), 0, 'every balance is the sum of its ledger');
	is(scalar $hall->sql("SELECT count(*) FROM hall.parked WHERE $mine"), 0, 'nothing was parked');

	my ($rows) = $hall->sql("SELECT count(*) FROM hall.mo WHERE $mine");
	my $answers = 0;
	$answers += @$_ for values %{$self->{answers}};
	diag(sprintf '%d texts, %d rows in hall.mo, %d answers (%d more than one), %.1f s', $n, $rows, $answers,
		$answers - $self->{done}, $self->{took});
	my $m = $hall->metrics;
	diag('since smsd started: ', join ', ', map { "$_ " . ($m->{"smsd_$_"} // '-') }
		qw(mo_total mo_done_total mo_repeated_total mt_total mt_again_total batches_total batch_rerun_total));
	return;
}

1;
