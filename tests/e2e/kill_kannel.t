#!/usr/bin/perl
# SIGKILL of bearerbox with texts under way: its spool and the SMSC give them out again; nothing is lost or done twice.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Flood;
use Hall;
use Test::More;

my $hall = Hall->new(fast => 0);
ok($hall->ready, 'the hall is ready');
my $flood = Flood->new($hall, texts => 4000);
$flood->send;
for my $answers (300, 1800) {
	cmp_ok($flood->answered($answers), '>=', $answers, "$answers are answered") or last;
	cmp_ok($flood->{done}, '<', $flood->{n}, '… and not all: it is killed in the middle');
	$hall->kill('kannel');
	$hall->start('kannel');
}
$flood->finish(90);
$flood->check_books;
ok($hall->ready, 'and the hall is ready again');
done_testing;
