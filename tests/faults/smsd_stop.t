#!/usr/bin/perl
# SIGSTOP of smsd for longer than a transaction may be idle: the server ends it, and smsd does it again.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;
use Time::HiRes qw(sleep);

my $f = Faults->new('smsd_stop', order => 'strict', repeats => 0);
my $hall = $f->hall;
my $inside = q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'smsd' AND xact_start IS NOT NULL AND wait_event = 'ClientRead'};
for (1 .. ($Faults::LONG ? 6 : 1)) {
	$f->run(0.5);
	my $smsd = $hall->pid('smsd');
	my $caught = 0;
	for my $try (1 .. 40) {
		CORE::kill('STOP', $smsd);
		last if $caught = $f->sql($inside);
		CORE::kill('CONT', $smsd);
		$f->run(rand 0.03);
	}
	ok($caught, 'it stands in the middle of a transaction');
	$f->fault(sub {
		sleep 8;
		is(scalar $f->sql($inside), 0, 'the server has ended that');
		CORE::kill('CONT', $smsd);
	});
	is($hall->pid('smsd'), $smsd, 'smsd lives');
}
$f->run(0.3);
$f->close_books;
done_testing;
