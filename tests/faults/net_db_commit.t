#!/usr/bin/perl
# The connection to PostgreSQL is cut at a COMMIT: before it is sent, when it is, and after the server has answered.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new('net_db_commit', order => 'strict', repeats => 0, proxy => ['db']);
for (1 .. ($Faults::LONG ? 40 : 5)) {
	for my $how (qw(before sent answer)) {
		$f->run(rand 0.15);
		$f->net_fault('db', "commit $how " . (1 + int rand 10));
	}
}
$f->run(0.3);
cmp_ok($f->hall->metrics->{smsd_mo_repeated_total}, '>', 0, 'texts had been committed, and smsd learnt it only afterwards');
$f->close_books;
done_testing;
