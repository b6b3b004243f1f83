#!/usr/bin/perl
# SIGKILL of PostgreSQL with texts under way: smsd waits for it to come back; nothing is lost or done twice.
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
my $smsd = $hall->pid('smsd');
$flood->send;
for my $answers (300, 1800) {
	cmp_ok($flood->answered($answers), '>=', $answers, "$answers are answered") or last;
	cmp_ok($flood->{done}, '<', $flood->{n}, '… and not all: it is killed in the middle');
	$hall->kill('pg');
	ok($hall->wait_until(5, sub { ($hall->http('/readyz'))[0] == 503 }), '/readyz says no')
		or diag(explain [$hall->http('/readyz')]);
	is(($hall->http('/healthz'))[0], 200, '… and /healthz yes: a restart would not help');
	$hall->start('pg');
}
$flood->finish(60);
$flood->check_books;
ok($hall->ready, 'and the hall is ready again');
is($hall->pid('smsd'), $smsd, 'smsd lived through it');
done_testing;
