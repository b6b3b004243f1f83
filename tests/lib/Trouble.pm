package Trouble;

# Trouble - what the tests of tests/trouble share: texts at a steady rate from a process of its own, so that the test is
# free to make trouble meanwhile; the books afterwards; sessions that hold something; clocks that can be stepped.
#
#	my $hall = Trouble::hall();
#	my $load = Trouble::load($hall, texts => 3000, rate => 400);
#	$load->answered(500);			# waits until so many have an answer
#	…make trouble, and end it…
#	$load->lifted;				# from now on it should go well again
#	my $log = $load->finish(60);		# waits for the rest; Trouble::Log
#	Trouble::books($hall, 'name', $log);	# tests, and the line of figures
#
# FAULTS_LONG=1 asks for long versions.  What is started here is stopped when the test ends, however it ends.

use strict;
use warnings;
use utf8;
use File::Temp ();
use Hall;	# first: its END must run after ours
use Faults::Tables;
use HTTP::Tiny;
use List::Util qw(max min);
use Test::More;
use Time::HiRes qw(sleep time);

use constant LONG => $ENV{FAULTS_LONG} ? 1 : 0;
use constant { FIRST => 13100000000, VOUCHER => 8800000000000000 };	# as sql/seed/bench.sql

# A hall that really writes to the disk, but for bearerbox's spool: that is a file a text, made and removed, and on some
# file systems (ext4 without a journal) this alone is slower than all that these tests want to see.  Options as Hall->new.
sub hall {
	my (%o) = @_;
	my $hall = Hall->new(fast => 0, %o, up => 0);
	spool_in_memory($hall);
	$hall->up if $o{up} // 1;
	return $hall;
}

sub spool_in_memory {
	my ($hall) = @_;
	return unless -d '/dev/shm' && -w _;
	my $dir = File::Temp::mkdtemp('/dev/shm/smshall-test.XXXXXX');
	chmod 0755, $dir;
	chown((getpwnam 'kannel')[2, 3], $dir) if is_root() && getpwnam 'kannel';
	symlink $dir, "$hall->{dir}/spool" or die "$hall->{dir}/spool: $!\n";
	at_end(sub {
		eval { $hall->stop($_) } for qw(smsd kannel);
		system 'rm', '-rf', '--', $dir;
	});
	return;
}

# ---- what is texted

# A subscriber's only text in a load; all can be told apart afterwards in the books.
my @says = (
	sub { 'CZ ' . (VOUCHER + $_[0]) },
	sub { 'KT CAILING' },
	sub { 'BM BENCH' . $_[0] % 10 },
	sub { 'YE' },
	sub { 'QWERTZUIOP' },
);
sub number { return FIRST + $_[0] }
sub usual { my ($i) = @_; return [number($i), $says[$i % @says]->($i)] }

# Accounts, vouchers and events for so many subscribers.
sub subscribers {
	my ($hall, $n) = @_;
	$hall->sql(Hall::slurp("$Hall::ROOT/sql/seed/bench.sql"));
	$hall->sql("SELECT bss.bench_load($n)");
	return;
}

# Options: texts (how many), rate (a second; 0: at once), say (index to [number, text]; the usual ones), make => 0: the
# subscribers are there, settle: how long something may follow the last answer (1 s).
sub load {
	my ($hall, %o) = @_;
	subscribers($hall, $o{texts}) unless $o{say} || !($o{make} // 1);
	return Trouble::Load->new($hall, say => \&usual, rate => 0, settle => 1, %o);
}

# A function of hall_api that commands may call, made by the superuser.
sub api {
	my ($hall, $function, $returns, $body) = @_;
	$hall->sql("CREATE FUNCTION hall_api.$function RETURNS $returns LANGUAGE plpgsql SECURITY DEFINER AS \$\$ $body \$\$;
		GRANT EXECUTE ON FUNCTION hall_api.$function TO hall_command, hall_ops");
	return;
}

# Makes each batch take so many seconds longer, in the function that it asks for its senders' profiles; 0: no more.
sub slow {
	my ($hall, $seconds) = @_;
	my $signature = 'profile(text[])';
	if (!$seconds) {
		$hall->sql("BEGIN; DROP FUNCTION hall_api.$signature; ALTER FUNCTION hall_api.profile_itself(text[]) RENAME TO profile; COMMIT");
		return;
	}
	my $result = $hall->sql("SELECT pg_get_function_result('hall_api.$signature'::regprocedure)");
	$hall->sql("BEGIN; ALTER FUNCTION hall_api.$signature RENAME TO profile_itself;
		CREATE FUNCTION hall_api.profile(p_msisdn text[]) RETURNS $result LANGUAGE plpgsql SECURITY DEFINER AS
		\$\$ BEGIN PERFORM pg_sleep($seconds); RETURN QUERY SELECT * FROM hall_api.profile_itself(p_msisdn); END \$\$;
		GRANT EXECUTE ON FUNCTION hall_api.$signature TO smsd, hall_command, hall_ops; COMMIT");
	return;
}

# A table with one command: say, args, sql, reply (of the outcome ok), example, and more lines as they stand.
sub table {
	my (%o) = @_;
	return <<"END";
table: $o{name}
about: What a test needs
scope: group
ports: ["10086"]
commands:
  $o{name}:
    about: What a test needs
    say: ["$o{say}"]
    args: @{[$o{args} // '{}']}
    risk: @{[$o{risk} // 'query']}
    sql: $o{sql}
    reply:
      ok: {zh: "$o{reply}", en: "$o{reply}"}
      none: {zh: "-", en: "-"}
    examples:
      - {text: "$o{example}", from: "13800138000", expect: ok}
@{[join '', map { "    $_\n" } @{$o{more} // []}]}
END
}

# ---- the books

# Every text of the log has its row and its answer, and what it asked for happened once.  Options: parked (how many).
sub books {
	my ($hall, $name, $log, %o) = @_;
	my $n = $log->texts;
	my $mine = "msisdn BETWEEN '" . FIRST . "' AND '" . (FIRST + $n) . "'";
	my %sent;
	$sent{(split ' ', $_->[1])[0]}++ for @{$log->{sent}};

	is($log->answered, $n, 'every text has an answer') or diag('without: ', join ' ', $log->unanswered(5));
	is(scalar $hall->sql("SELECT count(*) FROM hall.mo WHERE $mine"), $n, '… and one row in hall.mo');
	my $effects = 0;
	for (['CZ', "bss.payment WHERE kind = 'voucher'", 'voucher was booked'],
		['KT', "bss.payment WHERE kind = 'service'", 'service was charged'],
		['BM', "bss.registration WHERE event LIKE 'BENCH%' AND state = 'in'", 'sign-up is there']) {
		my ($word, $rows, $what) = @$_;
		my $got = $hall->sql("SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM $rows AND $mine");
		is($got, join(' ', ($sent{$word} // 0) x 2), "every $what, once");
		$effects += (split ' ', $got)[0];
	}
	is(scalar $hall->sql("SELECT count(*) FROM hall.parked"), $o{parked} // 0, 'parked is what should be');
	audit($hall);
	figures($name, texts => $n, answered => $log->answered, effects => $effects, repeated_answers => $log->repeated,
		recovered_s => $log->recovered, @{$o{more} // []});
	return;
}

# The hall's own check, and the sample billing's: no discrepancy, nothing beside the days.
sub audit {
	my ($hall, %o) = @_;
	$hall->sql('ANALYZE');	# the rows are so new that the planner takes the tables for empty
	my @wrong = $hall->sql(q{SELECT "check", wrong, examples[1] FROM (SELECT * FROM hall.audit(now() - interval '9 days')
		UNION ALL SELECT * FROM hall_api.audit(now() - interval '9 days')) a WHERE wrong > 0});
	is(scalar @wrong, 0, 'smsctl audit would find nothing wrong') or diag(join "\n", @wrong);
	is(scalar $hall->sql('SELECT sum(stray_rows) FROM hall.partition_status()'), 0, 'no row lies outside the days')
		unless $o{stray};
	return;
}

sub figures {
	my ($name, @figure) = @_;
	my @out;
	while (my ($what, $value) = splice @figure, 0, 2) {
		push @out, "$what=" . (!defined $value ? '-' : $value =~ /^-?\d+\.\d+$/ ? sprintf('%.2f', $value) : $value);
	}
	diag("FAULT $name: @out");
	return;
}

# The value below which so many percent of a list lie.
sub percentile {
	my ($p, @list) = @_;
	return undef unless @list;
	@list = sort { $a <=> $b } @list;
	return $list[min($#list, int(@list * $p / 100))];
}

# ---- processes

# Kilobytes: VmRSS, VmHWM.
sub memory {
	my ($hall, $part, $what) = @_;
	my ($kb) = Hall::slurp('/proc/' . $hall->pid($part) . '/status') =~ /^\Q$what\E:\s+(\d+)/m;
	return $kb // 0;
}

# What bearerbox says of itself: name of an element to its first value.
sub kannel {
	my ($hall) = @_;
	my %env = $hall->env;
	my $xml = HTTP::Tiny->new(timeout => 5)->get($env{BEARERBOX_STATUS})->{content} // '';
	my %is;
	while ($xml =~ m{<(\w+)>([^<]*)</}g) { $is{$1} //= $2 }
	return \%is;
}

# SIGKILL for PostgreSQL would be another test: these are stopped when the test ends.
my @at_end;
sub at_end { my ($what) = @_; push @at_end, $what; return }
my $owner = $$;
END {
	if ($$ == $owner) {
		my $status = $?;
		while (my $what = pop @at_end) {
			eval { $what->(); 1 } or diag("at the end: $@");
		}
		$? = $status;
	}
}

sub is_root { return $> == 0 }

# Runs a program as the cluster's owner.
sub as_pg {
	my ($hall, @command) = @_;
	@command = ('setpriv', '--reuid=postgres', '--regid=' . getgrgid((getpwnam 'postgres')[3]), '--init-groups', '--', @command)
		if is_root();
	my ($status, $out, $err) = $hall->run(@command);
	die "@command: $out$err\n" if $status;
	return $out;
}

sub pg_bin {
	my ($dir) = grep { -x "$_/postgres" } ($ENV{PG_BIN} // (), reverse sort glob('/usr/lib/postgresql/*/bin'));
	return $dir // die "PostgreSQL's server programs were not found (PG_BIN=)\n";
}

sub pg_data { my ($hall) = @_; return Cwd::abs_path("$hall->{dir}/pg") . '/data' }

# ---- clocks

sub faketime { my ($lib) = sort glob('/usr/lib/*/faketime/libfaketimeMT.so.1'); return $lib }

# A script that starts a program with a clock of its own: Trouble::step($clock, seconds) sets it off the real one.
sub clock {
	my ($hall, $program) = @_;
	my $clock = "$hall->{dir}/clock." . ($program =~ m{([^/]+)$})[0];
	my $lib = faketime() // die "libfaketime is not there\n";
	step($clock, 0);
	open my $out, '>', "$clock.sh" or die "$clock.sh: $!\n";
	print $out <<"END";
#!/bin/sh
echo \$\$ >>$clock.pids
export LD_PRELOAD=$lib FAKETIME_TIMESTAMP_FILE=$clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
exec $program "\$@"
END
	close $out or die "$clock.sh: $!\n";
	chmod 0755, "$clock.sh";
	open $out, '>', "$clock.pids" or die "$clock.pids: $!\n";
	chmod 0666, "$clock.pids";	# bearerbox runs as another user
	# What libfaketime leaves of a process that was killed.
	at_end(sub {
		eval { $hall->stop($_) } for qw(smsd kannel);
		unlink map { glob "/dev/shm/*faketime*_$_" } split ' ', Hall::slurp("$clock.pids");
	});
	return $clock;
}

sub step {
	my ($clock, $seconds) = @_;
	open my $out, '>', "$clock.new" or die "$clock.new: $!\n";
	printf $out "%+.3f\n", $seconds;
	close $out or die "$clock.new: $!\n";
	chmod 0644, "$clock.new";
	rename "$clock.new", $clock or die "$clock: $!\n";
	return;
}

sub bearerbox {
	my ($program) = grep { -x } '/usr/sbin/bearerbox', map { "$_/bearerbox" } split /:/, $ENV{PATH};
	return $program // die "bearerbox was not found\n";
}

# ---- a session that stays: what it locks is locked until it ends

package Trouble::Session;

use strict;
use warnings;
use IPC::Open2 ();

sub new {
	my ($class, $hall, @psql) = @_;
	local %ENV = (%ENV, $hall->env);
	my $pid = IPC::Open2::open2(my $out, my $in, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', @psql);
	$in->autoflush(1);
	my $self = bless { pid => $pid, in => $in, out => $out }, $class;
	Trouble::at_end(sub { $self->kill });
	return $self;
}

# The rows.
sub do {
	my ($self, $sql) = @_;
	print {$self->{in}} "$sql;\n\\echo -- done\n";
	my @rows;
	while (defined(my $line = readline $self->{out})) {
		chomp $line;
		return @rows if $line eq '-- done';
		push @rows, $line;
	}
	die "psql ended: $sql\n";
}

sub end { my ($self) = @_; close $self->{in}; waitpid $self->{pid}, 0 if $self->{pid}; delete $self->{pid}; return }
sub kill { my ($self) = @_; return unless $self->{pid}; CORE::kill('KILL', $self->{pid}); $self->end; return }

# ---- texts at a steady rate

package Trouble::Load;

use strict;
use warnings;
use List::Util qw(min);
use POSIX ();
use Storable ();
use Time::HiRes qw(sleep time);

sub new {
	my ($class, $hall, %o) = @_;
	my $self = bless { %o, hall => $hall, file => "$hall->{dir}/load." . ++$hall->{loads}, sent => 0, answers => 0,
		partial => '' }, $class;
	pipe my $up, my $up_in or die "pipe: $!\n";
	pipe my $down, my $down_in or die "pipe: $!\n";
	$up_in->autoflush(1);
	$down_in->autoflush(1);
	$self->{begun} = time;
	$self->{pid} = fork // die "fork: $!\n";
	if (!$self->{pid}) {
		$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
		close $up;
		close $down_in;
		my $well = eval { Trouble::Sender::run($self, $up_in, $down); 1 };
		print STDERR "# the load: $@" unless $well;
		POSIX::_exit($well ? 0 : 1);
	}
	@$self{qw(up down)} = ($up, $down_in);
	$up->blocking(0);
	Trouble::at_end(sub { $self->kill });
	return $self;
}

sub kill { my ($self) = @_; return unless $self->{pid}; CORE::kill('KILL', $self->{pid}); waitpid delete $self->{pid}, 0; return }

# Takes what the process says of its progress.
sub look {
	my ($self) = @_;
	while (sysread $self->{up}, my $buf, 65536) { $self->{partial} .= $buf }
	@$self{qw(sent answers)} = ($1, $2) while $self->{partial} =~ s/^(\d+) (\d+)\n//;
	return $self;
}

sub wait_for {
	my ($self, $what, $n, $seconds) = @_;
	my $until = time + ($seconds // 30);
	sleep 0.02 while $self->look->{$what} < $n && time < $until;
	return $self->{$what};
}

sub answered { my ($self, $n, $seconds) = @_; return $self->wait_for(answers => $n, $seconds) }
sub was_sent { my ($self, $n, $seconds) = @_; return $self->wait_for(sent => $n, $seconds) }

sub stop { my ($self) = @_; print {$self->{down}} "stop\n"; return }
sub lifted { my ($self) = @_; $self->{lifted} = time; return }

# Waits until all is sent and answered, but no longer than so many seconds after this.
sub finish {
	my ($self, $seconds) = @_;
	print {$self->{down}} "finish $seconds\n";
	my $until = time + $seconds + 20;
	until (waitpid($self->{pid}, POSIX::WNOHANG()) > 0) {
		die "the load does not end\n" if time > $until;
		$self->look;
		sleep 0.02;
	}
	my $status = $?;
	delete $self->{pid};
	die "the load failed\n" if $status;
	my $log = Storable::retrieve($self->{file});
	unlink $self->{file};
	return bless { %$log, lifted => $self->{lifted} }, 'Trouble::Log';
}

# In the process of its own: sends what is due, takes what comes, tells how many.
package Trouble::Sender;

use strict;
use warnings;
use Encode qw(decode);
use List::Util qw(min);
use Storable ();
use Time::HiRes qw(time);

use constant LOST => 20;	# seconds without any answer, after which no more is waited for

sub run {
	my ($o, $up, $down) = @_;
	my ($n, $rate, $say) = @$o{qw(texts rate say)};
	my $line = $o->{hall}->ear('*');
	my (@sent, %of, %answers, $refused, $retried);
	my ($answered, $told, $until, $quiet, $open) = (0, 0, undef, time, '');
	$refused = $retried = 0;
	$down->blocking(0);
	my $begin = time;
	while (1) {
		my $now = time;
		my $due = $rate ? min($n, int(($now - $begin) * $rate) + 1) : min($n, @sent + 200);
		while (@sent < $due) {
			my ($from, $text) = @{$say->(scalar @sent)};
			$line->send_text($from, $o->{to} // '10086', $text);
			push @{$of{$from}}, scalar @sent;
			push @sent, [$from, $text, $rate ? $begin + @sent / $rate : time];
			$quiet = time;
		}
		my $wait = @sent < $n ? ($rate ? 0.002 : 0) : 0.02;
		while (defined(my $l = $line->next($wait))) {
			$wait = 0;
			if ($l =~ /^MT /) {
				my $mt = $line->parse_mt($l);
				next unless $of{$mt->{to}};
				push @{$answers{$mt->{to}}}, [$mt->{at} / 1000, $mt->{text}];
				$answered++ if @{$answers{$mt->{to}}} <= @{$of{$mt->{to}}};
				$quiet = time;
			} elsif ($l =~ /^REFUSED/) {
				$refused++;
			} elsif ($l =~ /^RETRY/) {
				$retried++;
			}
			last if $rate && time > $now + 0.02;
		}
		if (sysread $down, my $said, 4096) {
			$n = @sent if $said =~ /stop/;
			($until, $quiet) = (time + $1, time) if $said =~ /finish (\d+)/;	# a long trouble is no sign of loss
		}
		if (time > $told + 0.05) {
			print $up scalar(@sent), " $answered\n";
			$told = time;
		}
		next unless defined $until;
		last if time > $until || (@sent == $n && time > $quiet + ($answered == $n ? $o->{settle} : LOST));
	}
	Storable::nstore({ sent => \@sent, answers => \%answers, refused => $refused, retried => $retried }, $o->{file});
	return;
}

# What came of a load: sent is a list of [number, text, when]; answers: number to a list of [when, text].
package Trouble::Log;

use strict;
use warnings;
use List::Util qw(max min);

sub texts { my ($self) = @_; return scalar @{$self->{sent}} }

sub of { my ($self) = @_; my %of; push @{$of{$_->[0]}}, $_ for @{$self->{sent}}; return \%of }

sub answered {
	my ($self) = @_;
	my $of = $self->of;
	my $n = 0;
	$n += min(scalar @{$of->{$_}}, scalar @{$self->{answers}{$_} // []}) for keys %$of;
	return $n;
}

sub unanswered {
	my ($self, $most) = @_;
	my $of = $self->of;
	my @who = grep { @{$self->{answers}{$_} // []} < @{$of->{$_}} } sort keys %$of;
	return splice @who, 0, $most;
}

# Answers beyond one a text.
sub repeated {
	my ($self) = @_;
	my $of = $self->of;
	my $n = 0;
	$n += max(0, @{$self->{answers}{$_} // []} - @{$of->{$_}}) for keys %$of;
	return $n;
}

# [when it was sent, how long its answer took], a pair a text that has one, in order.
sub times {
	my ($self) = @_;
	my (%nth, @times);
	for my $text (@{$self->{sent}}) {
		my $answer = ($self->{answers}{$text->[0]} // [])->[$nth{$text->[0]}++] or next;
		push @times, [$text->[2], $answer->[0] - $text->[2]];
	}
	return @times;
}

# How long after the trouble's end the last text from before it was answered; undef when some never was.
sub recovered {
	my ($self) = @_;
	my $lifted = $self->{lifted} // return undef;
	return undef if $self->answered < $self->texts;
	return max(0, map { $_->[0] + $_->[1] - $lifted } grep { $_->[0] <= $lifted } $self->times);
}

1;
