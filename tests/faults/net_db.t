#!/usr/bin/perl
# The network between smsd and PostgreSQL: cut, also in the middle of a message, stalled, half open, down for a while.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new('net_db', order => 'strict', repeats => 0, proxy => ['db']);
for (1 .. ($Faults::LONG ? 8 : 1)) {
	for my $what (['cut'], ['after c2s ' . int rand 20_000], ['after s2c ' . int rand 20_000], ['stall both', 2], ['stall s2c', 1],
		['half client', 2], ['half server', 7], ['down', 1]) {
		$f->run(rand 0.3);
		$f->net_fault('db', @$what);
	}
}
$f->run(0.3);
$f->close_books;
done_testing;
