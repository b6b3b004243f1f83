#!/usr/bin/perl
# SIGKILL of smsd with a thousand texts under way, three times: each text has its effect once, and an answer.
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
my $flood = Flood->new($hall, texts => 6000);
$flood->send;
for my $answers (300, 1800, 3600) {
	cmp_ok($flood->answered($answers), '>=', $answers, "$answers are answered") or last;
	cmp_ok($flood->{done}, '<', $flood->{n}, '… and not all: it is killed in the middle');
	$hall->kill('smsd');
	$hall->start('smsd');
}
$flood->finish(60);
$flood->check_books;
ok($hall->ready, 'and the hall is ready again');
done_testing;
