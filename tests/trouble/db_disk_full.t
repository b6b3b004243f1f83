#!/usr/bin/perl
# No room on the disk: where the tables are, so that each insert fails; then where the log is, so that the server itself
# falls and cannot come up.  With room again everything goes on, and no text is to blame.  The disks are small ones in
# memory, filled by a file beside the server's.
use strict;
use warnings;
use utf8;
use Cwd ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant HELD => Trouble::LONG ? 30 : 2;

plan skip_all => 'small disks need root to mount them' unless Trouble::is_root();

my $hall = Trouble::hall(up => 0);
$hall->start('pg');
$hall->sql(q{ALTER SYSTEM SET max_wal_size = '64MB'});
$hall->sql(q{ALTER SYSTEM SET min_wal_size = '32MB'});
Trouble::subscribers($hall, Trouble::LONG ? 8000 : 1800);
$hall->stop('pg');
my $data = Trouble::pg_data($hall);
my %disk;
for my $part ('base', 'pg_wal') {
	rename "$data/$part", "$data/$part.was" or die "$data/$part: $!\n";
	mkdir "$data/$part" or die "$data/$part: $!\n";
	if (system('mount', '-t', 'tmpfs', '-o', 'size=' . ($part eq 'base' ? '400m' : '256m') . ',mode=0700', 'smshall-test', "$data/$part")) {
		rmdir "$data/$part";
		rename "$data/$part.was", "$data/$part";
		plan skip_all => 'this root may not mount (a container without CAP_SYS_ADMIN?)';
	}
	Trouble::at_end(sub {
		unlink values %disk;
		eval { $hall->stop('pg') };
		system('umount', '-l', "$data/$part");
	});
	system("cp -a '$data/$part.was/.' '$data/$part/' && chown postgres: '$data/$part'") == 0 or die "cp: $?\n";
	system('rm', '-rf', "$data/$part.was");
	$disk{$part} = "$data/$part/filler";
}

# Takes all that is free, while the server takes some too.
sub fill { my ($part) = @_; system("dd if=/dev/zero of='$disk{$part}' bs=64k 2>/dev/null"); return }

$hall->up;
ok($hall->ready, 'the hall is ready, its tables and its log on small disks');
my $smsd = $hall->pid('smsd');
my $load = Trouble::load($hall, texts => Trouble::LONG ? 8000 : 1800, rate => 200, make => 0);
$load->answered(200);

fill('base');
ok($hall->wait_until(30, sub { $hall->log('smsd') =~ /sqlstate=53100/ }), 'the tables cannot grow: smsd sees 53100, disk full');
sleep HELD;
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 0, '… and blames no text');
is(($hall->http('/healthz'))[0], 200, '/healthz says yes');
unlink $disk{base} or die "$disk{base}: $!\n";
my $n = $load->look->{answers};
cmp_ok($load->answered($n + 200, 20), '>=', $n + 200, 'with room again the texts are answered');

# A server that has a segment to recycle needs no room: it is made to want a new one.
fill('pg_wal');
for (1 .. 40) {
	last if $hall->wait_gone('pg', 0.2);
	eval { $hall->sql(q{CREATE TEMP TABLE wal AS SELECT pg_logical_emit_message(false, 'filler', repeat('x', 100000))
		FROM generate_series(1, 50)}) };
}
like($hall->log('pg'), qr/PANIC:.*No space left on device/, 'the log cannot grow: the server falls');
ok($hall->wait_until(20, sub { $hall->wait_gone('pg', 0) || ($hall->http('/readyz'))[0] == 503 }), '/readyz says no')
	or diag(explain [$hall->http('/readyz')]);
sleep HELD;
is(($hall->http('/healthz'))[0], 200, '… and /healthz yes');
unlink $disk{pg_wal} or die "$disk{pg_wal}: $!\n";
$load->lifted;
$hall->start('pg');
my $log = $load->finish(60);
Trouble::books($hall, 'db_disk_full', $log);
ok($hall->ready(10), 'the hall is ready');
is($hall->pid('smsd'), $smsd, 'smsd lived through it');
done_testing;
