#!/usr/bin/perl
# The database becomes read-only, as a demoted primary or a full disk's guard makes it: smsd tries on, not wildly, and
# goes on when it can write again; no text is to blame.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant HELD => Trouble::LONG ? 40 : 3;

my $hall = Trouble::hall();
ok($hall->ready, 'the hall is ready');
my $load = Trouble::load($hall, texts => Trouble::LONG ? 12000 : 1500, rate => 200);
$load->answered(300);
my $smsd = $hall->pid('smsd');
$hall->sql('ALTER SYSTEM SET default_transaction_read_only = on');
$hall->sql('SELECT pg_reload_conf()');
sleep 0.5;
my ($before, $at, $m) = ($load->look->{answers}, time, $hall->metrics);
sleep HELD;
is($load->look->{answers}, $before, 'nothing is answered while nothing can be written');
my $lost = ($hall->metrics->{smsd_db_lost_total} - $m->{smsd_db_lost_total}) / (time - $at);
cmp_ok($lost, '<', 10, 'smsd does not reconnect wildly') or diag(sprintf '%.1f times a second', $lost);
my @log = grep { /25006/ } split /\n/, $hall->log('smsd');
cmp_ok(scalar @log, '>', 0, 'its log says why');
cmp_ok(@log / HELD, '<', 10, '… and not too often') or diag(@log / HELD, ' lines a second');
is(($hall->http('/healthz'))[0], 200, '/healthz says yes: a restart would not help');
$hall->sql('ALTER SYSTEM RESET default_transaction_read_only');
$hall->sql('SELECT pg_reload_conf()');
$load->lifted;
my $log = $load->finish(60);
Trouble::books($hall, 'db_read_only', $log, more => [reconnects_per_s => $lost]);
ok($hall->ready(10), 'the hall is ready');
is($hall->pid('smsd'), $smsd, 'smsd lived through it');
done_testing;
