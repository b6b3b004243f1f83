#!/usr/bin/perl
# What a dead smsd had not sent is taken over by one at work, slowly: meanwhile that one commits and sends batches of its
# own, and its mark must not pass what it is taking over.  Then the same with the connection lost in the middle, and with it
# lost at the COMMIT, of which the answer never comes.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;
use Time::HiRes qw(sleep time);

use constant { GHOST => '13999999999', MESSAGES => 20 };

my $f = Faults->new('adopt_slow', order => 'strict', repeats => 0, rate => 300, env => { SMSD_DB_CONNECTIONS => 1 });
my $hall = $f->hall;
my $line = $hall->ear(GHOST);
$hall->sql(q{CREATE FUNCTION bss.slowly() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
	BEGIN
		IF old.instance LIKE 'ghost%' AND new.instance NOT LIKE 'ghost%' THEN
			PERFORM pg_sleep(0.075);
		END IF;
		RETURN new;
	END $$;
	GRANT EXECUTE ON FUNCTION bss.slowly() TO PUBLIC;
	CREATE TRIGGER slowly BEFORE UPDATE ON hall.mt FOR EACH ROW EXECUTE FUNCTION bss.slowly()});

# Messages that an instance committed before it died; of no text, so that no gateway brings them again.
sub leave {
	my ($ghost) = @_;
	$f->sql('BEGIN', "INSERT INTO hall.mt (msisdn, at, id, class, cause, port, receiver, text, segments, report, instance, conn, batch)
		SELECT '${\GHOST}', date_trunc('second', now()), gen_random_uuid(), 'service', 'reminder', '10086', '${\GHOST}',
			'$ghost ' || n, 1, false, '$ghost', 0, (extract(epoch FROM now()) * 1000000)::bigint
		FROM generate_series(1, ${\MESSAGES}) n",
		"INSERT INTO hall.sender (instance, conn, last_batch, accepted)
		VALUES ('$ghost', 0, (extract(epoch FROM now()) * 1000000)::bigint, 0)", 'COMMIT');
	return;
}

sub adopting {
	my ($where) = @_;
	return $f->sql("SELECT pid FROM pg_stat_activity WHERE usename = 'smsd' AND query LIKE '%UPDATE hall.mt AS m SET instance%'
		AND $where");
}

# Meanwhile the load goes on.
sub wait_for {
	my ($what, $seconds) = @_;
	my $until = time + $seconds;
	while (time < $until) {
		my $r = $what->();
		return $r if $r;
		$f->look(0.05);
	}
	return undef;
}

sub check {
	my ($ghost, $what) = @_;
	ok(wait_for(sub { $f->sql("SELECT accepted >= last_batch FROM hall.sender WHERE instance = '$ghost'") eq 't' }, 40),
		"$what: the messages are taken over");
	my %got;
	my $until = time + 15;
	while (keys %got < MESSAGES && time < $until) {
		my $mt = $line->parse_mt($line->next(0.1) // '') or next;
		$got{$mt->{text}}++ if $mt->{text} =~ /^$ghost /;
		$f->look(0);
	}
	is(scalar keys %got, MESSAGES, '… and all are sent');
	is((grep { $_ > 1 } values %got) + 0, 0, '… once');
	return;
}

$f->run(0.3);
$f->fault(sub { leave('ghost1') });
check('ghost1', 'slowly');

$f->fault(sub {
	leave('ghost2');
	my $pid = wait_for(sub { adopting(q{wait_event = 'PgSleep'}) }, 20);
	ok($pid, 'it is at it');
	$f->sql("SELECT pg_terminate_backend($pid)") if $pid;
});
check('ghost2', 'lost in the middle');

$f->fault(sub {
	leave('ghost3');
	my $pid = wait_for(sub { adopting(q{wait_event = 'PgSleep'}) }, 20);
	ok($pid, 'it is at it');
	# Nothing else may stand at a COMMIT then: both write their marks into one row.
	$f->tell('pause');
	wait_for(sub { $f->look(0); !$f->open_texts }, 10);
	# A COMMIT waits for a standby that there is not; the server does not tell who is sent away that it was done.
	$f->sql(q{ALTER SYSTEM SET synchronous_standby_names = '*'}, 'SELECT pg_reload_conf()');
	ok($pid && wait_for(sub { $f->sql("SELECT wait_event = 'SyncRep' FROM pg_stat_activity WHERE pid = $pid") eq 't' }, 20),
		'… and at its COMMIT');
	$f->sql("SELECT pg_terminate_backend($pid)") if $pid;
	wait_for(sub { $f->sql("SELECT count(*) FROM pg_stat_activity WHERE pid = $pid") eq '0' }, 10) if $pid;
	$f->sql('ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()');
});
check('ghost3', 'lost at the COMMIT');
$f->run(0.3);
$f->close_books;
done_testing;
