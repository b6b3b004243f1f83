#!/usr/bin/perl
# A database that takes half a second for what took a millisecond: smsd takes no more than it may, bearerbox keeps the
# rest, both stay small, and all are answered when the database is itself again.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use List::Util qw(max);
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant { TEXTS => Trouble::LONG ? 60000 : 6000, HELD => Trouble::LONG ? 40 : 5, PENDING => 1000 };

my $hall = Trouble::hall(up => 0);
# A window that so few texts fill.
my $conf = Hall::slurp("$Hall::ROOT/kannel-conf/kannel.conf");
$conf =~ s/^smsbox-max-pending = .*/smsbox-max-pending = @{[PENDING]}/m or die "no smsbox-max-pending in kannel.conf\n";
open my $out, '>', "$hall->{dir}/kannel.conf" or die "$hall->{dir}/kannel.conf: $!\n";
print $out Encode::encode('UTF-8', $conf);
close $out;
$hall->{env}{HALL_KANNEL_CONF} = "$hall->{dir}/kannel.conf";
$hall->up;
ok($hall->ready, 'the hall is ready');
Trouble::subscribers($hall, TEXTS);
$hall->answer('13800138000', 'YE');
my %rss = map { $_ => Trouble::memory($hall, $_, 'VmRSS') } qw(smsd kannel);

Trouble::slow($hall, 0.5);
my $slowed = time;
my $load = Trouble::load($hall, texts => TEXTS, make => 0);
$load->was_sent(TEXTS, 30);
ok($hall->wait_until(30, sub { Trouble::kannel($hall)->{storesize} >= TEXTS * 0.7 }), 'bearerbox keeps what smsd does not take');
my ($in_flight, $stored, $until) = (0, 0, time + HELD);
while (time < $until) {
	$in_flight = max($in_flight, $hall->metrics->{smsd_in_flight} // 0);
	my $is = Trouble::kannel($hall);
	$stored = max($stored, $is->{storesize} // 0);
	sleep 0.2;
}
my $slow = $load->look->{answers};
# Two connections, a batch of at most 128 texts each in half a second.
cmp_ok($slow, '<=', 2 * 128 * ((time - $slowed) / 0.5 + 1), 'the database is slow') or diag($slow);
cmp_ok($slow, '<', TEXTS, '… so that much still waits') or diag($slow);
cmp_ok($slow, '>', 0, '… but answers');
cmp_ok($in_flight, '<=', PENDING, 'smsd never held more than ' . PENDING . ' texts');
cmp_ok($in_flight, '>', PENDING / 2, '… but nearly so many');
my ($ready, $detail) = $hall->http('/readyz');
is($ready, 200, 'slow is not broken: /readyz says yes') or diag($detail);

Trouble::slow($hall, 0);
$load->lifted;
my $log = $load->finish(120);
my %grew = map { $_ => Trouble::memory($hall, $_, 'VmHWM') - $rss{$_} } qw(smsd kannel);
cmp_ok($grew{smsd}, '<', 16 * 1024, 'smsd grew by less than 16 MB') or diag("$grew{smsd} kB");
cmp_ok($grew{kannel}, '<', 20 * 1024 + 4 * TEXTS, 'bearerbox by less than 20 MB and 4 kB a text') or diag("$grew{kannel} kB");
Trouble::books($hall, 'db_slow', $log, more => [in_flight => $in_flight, stored => $stored,
	smsd_grew_kb => $grew{smsd}, bearerbox_grew_kb => $grew{kannel}]);
done_testing;
