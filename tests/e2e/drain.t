#!/usr/bin/perl
# SIGTERM to smsd under load: it finishes what is under way, ends within seconds, and loses nothing.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Flood;
use Hall;
use Test::More;
use Time::HiRes qw(time);

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
my $flood = Flood->new($hall, texts => 4000);
$flood->send;
for my $answers (300, 1800) {
	cmp_ok($flood->answered($answers), '>=', $answers, "$answers are answered") or last;
	cmp_ok($flood->{done}, '<', $flood->{n}, '… and not all: it is stopped in the middle');
	my $begun = time;
	CORE::kill('TERM', $hall->pid('smsd'));
	ok($hall->wait_gone('smsd', 10), 'smsd ends');
	diag(sprintf '%.2f s after SIGTERM', time - $begun);
	like((split /\n/, $hall->log('smsd'))[-1], qr/event=ended/, '… as asked');
	ok($hall->wait_until(10, sub { !$hall->sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'smsd'") }), '… and left the database');
	$hall->start('smsd');
}
$flood->finish(60);
$flood->check_books;
my $extra = 0;
$extra += @$_ - 1 for values %{$flood->{answers}};
is($extra, 0, 'nobody was answered twice: an orderly end leaves nothing in doubt');

# Quiet: at once.
my $begun = time;
CORE::kill('TERM', $hall->pid('smsd'));
ok($hall->wait_gone('smsd', 5), 'a quiet smsd ends');
cmp_ok(time - $begun, '<', 2, '… at once');
done_testing;
