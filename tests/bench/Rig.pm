package Rig;

# Rig - what the benchmark runs on: a hall of its own in a temporary folder, on free ports, with a fresh bearerbox for
# each run and one box of several kinds behind it.  Whatever was started is stopped when the program ends, however it
# ends.
#
#	my $rig = Rig->new;
#	$rig->gateway(store => 'none');			# a fresh bearerbox
#	$rig->box('smsd', env => {SMSD_DB_CONNECTIONS => 1});
#	my $figures = $rig->load(window => 400, texts => 20000, seed => 1);
#	$rig->stop_box;
#
# Each method dies with what went wrong and where its log is.

use strict;
use warnings;
use Cwd ();
use File::Temp ();
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep time);

our $ROOT = do { my $d = __FILE__; $d =~ s{[^/]+$}{../..}; Cwd::abs_path($d) };
our $BIN = $ENV{HALL_BIN} ? Cwd::abs_path($ENV{HALL_BIN}) : "$ROOT/build";
my $HALL = "$ROOT/tests/stack/hall";
my $TICK_US = 1e6 / POSIX::sysconf(POSIX::_SC_CLK_TCK());
my $PORTS = 8;			# the hall's six, a second smsd's HTTP, the web service

my $rig;			# one at a time: END has to find it
my $owner = $$;
$SIG{$_} = sub { exit 130 } for qw(INT TERM HUP);	# so that END runs

sub new {
	my ($class, %o) = @_;
	die "bench: another rig is up\n" if $rig;
	my $self = $rig = bless { dir => File::Temp::mkdtemp(($ENV{TMPDIR} // '/tmp') . '/smshall-bench.XXXXXX'),
		child => {}, voucher => 0, subscribers => $o{subscribers} }, $class;
	chmod 0755, $self->{dir};	# PostgreSQL's and Kannel's users must get in
	chomp($self->{base} = `$ROOT/tests/stack/ports base $PORTS`);
	die "bench: no free ports\n" unless $self->{base};
	$ENV{PORT_BASE} = $self->{base};
	delete @ENV{qw(HALL_TEST HALL_PG_FAST HALL_KANNEL_CONF)};	# the cluster as `make run` makes it
	$self->hall(start => 'pg');
	$self->read_env;
	return $self;
}

sub port { my ($self, $name) = @_; return $self->{base} + {admin => 0, box => 1, smsc => 2, smsd => 4, smsd2 => 6, http => 7}->{$name} }

# ---- programs

sub log_end {
	my ($file) = @_;
	open my $in, '<', $file or return '';
	my @lines = <$in>;
	return join '', @lines > 15 ? @lines[-15 .. -1] : @lines;
}

# Runs a program to its end; its stdout.
sub run {
	my ($self, @command) = @_;
	my $errors = "$self->{dir}/errors";
	my $pid = open(my $out, '-|') // die "bench: fork: $!\n";
	if (!$pid) {
		open STDERR, '>', $errors;
		chdir $ROOT;
		exec @command or POSIX::_exit(127);
	}
	$self->{child}{running} = $pid;
	local $/;
	my $said = <$out> // '';
	close $out;
	delete $self->{child}{running};
	die "bench: @command: " . ($! || 'status ' . ($? >> 8)) . "\n$said" . log_end($errors) if $?;
	return $said;
}

sub hall {
	my ($self, $what, @part) = @_;
	return $self->run($HALL, $what, $self->{dir}, @part);
}

# Starts a program that stays; output to its log.
sub spawn {
	my ($self, $name, @command) = @_;
	my $log = "$self->{dir}/log/$name.log";
	my $pid = fork // die "bench: fork: $!\n";
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $log;
		open STDERR, '>>', $log;
		chdir '/';
		exec @command or POSIX::_exit(127);
	}
	$self->{child}{$name} = $pid;
	return $pid;
}

sub alive { my ($self, $name) = @_; my $pid = $self->{child}{$name}; return $pid && waitpid($pid, POSIX::WNOHANG()) == 0 }

sub end {
	my ($self, $name, $seconds) = @_;
	my $pid = $self->{child}{$name} or return;
	my $until = time + ($seconds // 10);
	CORE::kill('TERM', $pid);
	while (waitpid($pid, POSIX::WNOHANG()) == 0) {
		CORE::kill('KILL', $pid) if time > $until;
		sleep 0.02;
	}
	warn "bench: $name ended with status " . ($? >> 8 || $?) . ":\n" . log_end("$self->{dir}/log/$name.log") if $? > 0;
	delete $self->{child}{$name};
	return;
}

# Until a program listens on its port.
sub await_port {
	my ($self, $name, $port) = @_;
	my $until = time + 20;
	until (IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 1)) {
		die "bench: $name ended:\n" . log_end("$self->{dir}/log/$name.log") unless $self->alive($name);
		die "bench: $name does not listen on $port\n" if time > $until;
		sleep 0.05;
	}
	return;
}

END {
	if ($rig && $$ == $owner) {
		my $status = $?;
		$SIG{$_} = 'IGNORE' for qw(INT TERM HUP);
		$rig->end($_) for keys %{$rig->{child}};
		system "$HALL purge $rig->{dir} >/dev/null 2>&1";
		system 'rm', '-rf', '--', $rig->{dir}, $rig->{tmpfs} // ();
		$? = $status;
	}
}

# ---- the database

sub read_env {
	my ($self) = @_;
	open my $in, '<', "$self->{dir}/env" or die "bench: $self->{dir}/env: $!\n";
	while (<$in>) { $ENV{$1} = $2 if /^(\w+)='(.*)'$/ }
	$ENV{SMSHALL_ENV} = "$self->{dir}/env";
	return;
}

# The rows of some statements, each by itself; in scalar context the first row.
sub sql {
	my ($self, @sql) = @_;
	my @rows = split /\n/, $self->run('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', map { ('-c', $_) } @sql);
	return wantarray ? @rows : $rows[0];
}

sub smsctl { my ($self, @arg) = @_; return $self->run("$BIN/smsctl", @arg) }

sub make_subscribers {
	my ($self) = @_;
	$self->run('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-f', "$ROOT/sql/seed/bench.sql");
	# They text at random: who happens to send the same nonsense again must be answered still.
	$self->sql("SELECT bss.bench_load($self->{subscribers})", q{INSERT INTO hall.number_list (msisdn, list)
		SELECT msisdn, 'test' FROM bss.subscriber WHERE msisdn LIKE '131%' ON CONFLICT DO NOTHING}, 'VACUUM ANALYZE', 'CHECKPOINT');
	return;
}

# What is left of the vouchers; when that is too little, all become good again.
sub vouchers {
	my ($self, $texts) = @_;
	my $wanted = int($texts * 0.07) + 200;
	if ($self->{voucher} + $wanted > $self->{subscribers}) {
		die "bench: $texts texts need $wanted vouchers, and there is one a subscriber: raise SUBSCRIBERS\n"
			if $wanted > $self->{subscribers};
		$self->sql('UPDATE bss.voucher SET used_at = NULL, used_by = NULL, used_for = NULL, mo_id = NULL
			WHERE used_at IS NOT NULL', 'VACUUM ANALYZE bss.voucher');
		$self->{voucher} = 0;
	}
	my $range = 8800000000000000 + $self->{voucher} . ":$wanted";
	$self->{voucher} += $wanted;
	return $range;
}

# ---- the gateway

sub kannel_conf {
	my ($self, $store) = @_;
	my $file = "$self->{dir}/kannel.$store.conf";
	open my $in, '<', "$ROOT/kannel-conf/kannel.conf" or die "bench: kannel-conf/kannel.conf: $!\n";
	open my $out, '>', $file or die "bench: $file: $!\n";
	while (my $line = <$in>) {
		next if $line =~ /^store-/ && $store eq 'none';
		$line = qq(store-location = "$self->{tmpfs}"\n) if $line =~ /^store-location/ && $store eq 'tmpfs';
		print $out $line;
	}
	close $out or die "bench: $file: $!\n";
	return $file;
}

# A fresh bearerbox with nothing in its store: none, spool (on disk) or tmpfs (a spool there).
sub gateway {
	my ($self, %o) = @_;
	my $store = $o{store} // 'none';
	$self->hall(stop => 'kannel');
	if ($store eq 'tmpfs') {
		$self->{tmpfs} //= File::Temp::mkdtemp('/dev/shm/smshall-bench.XXXXXX');
		chmod 0755, $self->{tmpfs};
		system 'chown', 'kannel', $self->{tmpfs} if $> == 0 && getpwnam 'kannel';
	}
	system "rm -rf $self->{dir}/spool/*" . ($self->{tmpfs} ? " $self->{tmpfs}/*" : '');
	local $ENV{HALL_KANNEL_CONF} = $self->kannel_conf($store);
	$self->hall(start => 'kannel');
	return;
}

sub no_gateway { my ($self) = @_; $self->hall(stop => 'kannel'); return }

# ---- the boxes

my %START = (
	null => sub {
		my ($self, %o) = @_;
		my @reports = $o{reports} ? ('--dlr-mask', 31) : ();
		$self->spawn(box => "$BIN/nullbox", '--port', $self->port('box'), '--replies', "$self->{dir}/replies",
			'--log', 'warn', @reports);
	},
	onetx => sub {
		my ($self, %o) = @_;
		$self->spawn(box => "$BIN/onetx", '--gateway', $self->port('box'), @{$o{arg} // []});
	},
	smsd => sub {
		my ($self, %o) = @_;
		$self->hall(start => 'smsd');
		$self->await_tables('smsd');
		return unless ($o{instances} // 1) == 2;
		local @ENV{qw(SMSD_INSTANCE SMSD_HTTP_PORT)} = ('hall2', $self->port('smsd2'));
		$self->spawn(smsd2 => "$BIN/smsd", '-c', $ENV{SMSD_CONF});
		$self->await_port(smsd2 => $self->port('smsd2'));
		$self->await_tables('smsd2');
	},
	smsbox => sub {
		my ($self, %o) = @_;
		$self->spawn(http => "$BIN/httpd", '--port', $self->port('http'), '--replies', "$self->{dir}/replies");
		$self->await_port(http => $self->port('http'));
		my ($smsbox) = grep { -x } '/usr/sbin/smsbox', map { "$_/smsbox" } split /:/, $ENV{PATH};
		die "bench: smsbox is not installed (apt-get install kannel)\n" unless $smsbox;
		$self->spawn(box => $smsbox, '-v', 2, $self->smsbox_conf);	# 2: not a line a text
	},
);

# Everything at its default, but for one service that takes all texts; log-level as ours.
sub smsbox_conf {
	my ($self) = @_;
	my $file = "$self->{dir}/smsbox.conf";
	open my $out, '>', $file or die "bench: $file: $!\n";
	print $out <<"END";
group = core
admin-port = @{[$self->port('admin')]}
admin-password = none
smsbox-port = @{[$self->port('box')]}

group = smsbox
smsbox-id = smsd
bearerbox-host = 127.0.0.1
mo-recode = true

group = sms-service
keyword = default
catch-all = true
max-messages = 10
concatenation = true
accept-x-kannel-headers = true
get-url = "http://127.0.0.1:@{[$self->port('http')]}/?from=%p&to=%P&id=%I&text=%a"
END
	close $out or die "bench: $file: $!\n";
	return $file;
}

sub box {
	my ($self, $kind, %o) = @_;
	local %ENV = (%ENV, %{$o{env} // {}});
	$self->{kind} = $kind;
	$START{$kind}->($self, %o);
	return;
}

sub pid_of {
	my ($self, $part) = @_;
	open my $in, '<', "$self->{dir}/run/$part.pid" or return;
	my ($pid) = <$in> =~ /(\d+)/;
	return $pid;
}

sub stop_box {
	my ($self) = @_;
	$self->hall(stop => 'smsd') if $self->{kind} eq 'smsd';
	$self->end($_) for grep { $self->{child}{$_} } qw(smsd2 box http);
	return;
}

# ---- figures

# User and system time of a process so far, in microseconds; with those that it started and that have ended.
sub cpu_us {
	my ($pid, $children) = @_;
	open my $in, '<', "/proc/$pid/stat" or return 0;
	my @f = split ' ', <$in> =~ s/.*\) //r;
	return ($f[11] + $f[12] + ($children ? $f[13] + $f[14] : 0)) * $TICK_US;
}

sub postgres_us {
	my ($self) = @_;
	my $server = $self->pid_of('pg');
	my $sum = cpu_us($server, 1);
	$sum += cpu_us($_) for split ' ', `pgrep -P $server`;
	return $sum;
}

sub boxes {
	my ($self) = @_;
	return (box => $self->pid_of('smsd'), smsd2 => $self->{child}{smsd2}) if $self->{kind} eq 'smsd';
	return map { $_ => $self->{child}{$_} } qw(box http);
}

# All that ran on this machine, and what its host took from it.
sub machine_us {
	open my $in, '<', '/proc/stat' or return 0;
	my (undef, $user, $nice, $system, undef, undef, $irq, $softirq, $steal) = split ' ', <$in>;
	return ($user + $nice + $system + $irq + $softirq + $steal) * $TICK_US;
}

sub sample {
	my ($self) = @_;
	my %boxes = $self->boxes;
	my %at = (postgres => $self->postgres_us, machine => machine_us(), time => time);
	$at{bearerbox} = cpu_us($_) for $self->pid_of('kannel') // ();
	$at{$_ eq 'smsd2' ? 'box' : $_} += cpu_us($boxes{$_}) for grep { $boxes{$_} } sort keys %boxes;
	return \%at;
}

sub wal { my ($self) = @_; return [split /\|/, $self->sql('SELECT pg_current_wal_lsn() - \'0/0\', wal_sync FROM pg_stat_wal')] }

# Backends tell what they did when they end: wait for them.
sub wal_after {
	my ($self) = @_;
	my $until = time + 10;
	sleep 0.05 while time < $until && $self->sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'smsd'");
	return $self->wal;
}

# A small write to the disk of the hall, twenty times a second, by a process of its own until it is told to stop: that one takes
# long is the machine's doing, and no answer can be faster.
sub watch_disk {
	my ($self) = @_;
	pipe my $said, my $say or die "bench: pipe: $!\n";
	my $pid = fork // die "bench: fork: $!\n";
	return { pid => $pid, said => $said } if $pid;
	my ($worst, $end, $parent) = (0, 0, getppid);
	local $SIG{TERM} = sub { $end = 1 };
	open my $f, '+>', "$self->{dir}/disk" or POSIX::_exit(1);
	while (!$end && getppid == $parent) {		# nobody may be left to tell it
		sysseek $f, 0, 0;
		syswrite $f, 'x' x 8192;
		my $start = time;
		$f->sync;
		my $ms = (time - $start) * 1e3;
		$worst = $ms if $ms > $worst;
		sleep 0.05;
	}
	syswrite $say, "$worst\n";
	POSIX::_exit(0);
}

# The longest of these writes, in milliseconds.
sub disk_watched {
	my ($watch) = @_;
	kill TERM => $watch->{pid};
	waitpid $watch->{pid}, 0;
	sysread $watch->{said}, my $worst, 40;
	return 0 + ($worst // 0);
}

sub peak_kb {
	my ($pid) = @_;
	open my $in, '<', "/proc/$pid/status" or return 0;
	my ($kb) = join('', <$in>) =~ /^VmHWM:\s+(\d+)/m;
	return $kb // 0;
}

sub metrics {
	my ($self, $name) = @_;
	my $in = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->port($name), Timeout => 2) or return {};
	print $in "GET /metrics HTTP/1.0\r\n\r\n";
	return { map { /^(\S+) (\S+)/ ? ($1 => $2) : () } <$in> };
}

# Until it has compiled its tables, which is no part of what a text costs.
sub await_tables {
	my ($self, $name) = @_;
	my $until = time + 120;
	until ($self->metrics($name)->{smsd_table_version}) {
		die "bench: $name has no tables:\n" . log_end("$self->{dir}/log/$name.log") if time > $until;
		sleep 0.05;
	}
	return;
}

# Texts that smsd put into one transaction, in the mean.
sub mean_batch {
	my ($self) = @_;
	my %m = %{$self->metrics('smsd')};
	return $m{smsd_batches_total} ? $m{smsd_mo_done_total} / $m{smsd_batches_total} : undef;
}

sub common_args {
	my ($self, %o) = @_;
	my $mix = $o{mix} // "$ROOT/tests/bench/mix.tsv";
	return ('--texts', $o{texts}, '--warmup', $o{warmup}, '--subscribers', "13100000000:$self->{subscribers}",
		'--mix', $mix, '--seed', $o{seed}, '--vouchers', $self->vouchers($o{texts} + $o{warmup}));
}

# Texts through the gateway; stops the box.  Options: window or rate, texts, warmup, seed, mix; feed: without a
# gateway, from a program in its place.
sub load {
	my ($self, %o) = @_;
	my @program = $o{feed} ? ("$BIN/feed", '--port', $self->port('box')) : ("$BIN/load", '--port', $self->port('smsc'));
	my @pace = $o{rate} ? ('--rate', $o{rate}) : ('--window', $o{window});
	my @args = $self->common_args(%o);
	my $database = $self->{kind} =~ /^(smsd|onetx)$/;
	my $wal = $database ? $self->wal : undef;
	my $before = $self->sample;
	my $disk = $self->watch_disk;
	my $said = eval { $self->run(@program, '--timeout', 60, '--json', @pace, @args) };
	my $why = $@;
	my $stall = disk_watched($disk);
	die $why, map { "--- the end of $_.log\n" . log_end("$self->{dir}/log/$_.log") } qw(kannel smsd smsd2 box http) if !defined $said;
	my $load = JSON::PP::decode_json($said);
	my $after = $self->sample;
	my $n = $load->{texts} + $load->{warmup};
	my %used = map { $_ => $after->{$_} - $before->{$_} } keys %$after;
	my $cores = POSIX::sysconf(84);		# _SC_NPROCESSORS_ONLN
	my ($machine, $seconds) = delete @used{qw(machine time)};
	$used{load} = $load->{cpu_us_per_text} * $n;
	my $elsewhere = $machine;
	$elsewhere -= $_ for values %used;
	my %figures = (
		(map { $_ => $load->{$_} } qw(texts_per_s p50_ms p95_ms p99_ms max_ms unanswered extra_answers refused seconds)),
		segments_per_text => $load->{segments} / $n, disk_max_ms => $stall,
		cpu_us => { map { $_ => $used{$_} / $n } keys %used },
		elsewhere => $elsewhere / 1e6 / $seconds / $cores,
	);
	delete $figures{cpu_us}{postgres} unless $database;
	if ($self->{kind} eq 'smsd') {
		$figures{peak_mb} = peak_kb($self->pid_of('smsd')) / 1024;
		$figures{texts_per_batch} = $self->mean_batch;
	}
	$self->stop_box;
	if ($database) {
		my $end = $self->wal_after;
		@figures{qw(wal_bytes fsyncs)} = map { ($end->[$_] - $wal->[$_]) / $n } 0, 1;
	}
	return \%figures;
}

# The database's side alone.  Options: shape, connections, batch, texts, warmup, seed.
sub direct {
	my ($self, %o) = @_;
	my $wal = $self->wal;
	my $before = $self->postgres_us;
	my $r = JSON::PP::decode_json($self->run("$BIN/onetx", '--shape', $o{shape}, '--connections', $o{connections},
		'--batch', $o{batch} // 1, $self->common_args(%o)));
	my $end = $self->wal_after;
	my $n = $o{texts} + $o{warmup};
	return {
		(map { $_ => $r->{$_} } qw(texts_per_s p50_ms p95_ms p99_ms max_ms seconds)), unanswered => 0,
		texts_per_batch => $r->{texts_per_transaction},
		cpu_us => { box => $r->{cpu_us_per_text}, postgres => ($self->postgres_us - $before) / $n },
		wal_bytes => ($end->[0] - $wal->[0]) / $n, fsyncs => ($end->[1] - $wal->[1]) / $n,
	};
}

# What the statements of one run cost, functions' own ones included, the dearest first; those of Rig's are left out.
sub profile {
	my ($self, $code) = @_;
	$self->sql(q{ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'});
	$self->hall(stop => 'pg');
	$self->hall(start => 'pg');
	$self->sql('CREATE EXTENSION IF NOT EXISTS pg_stat_statements', q{ALTER SYSTEM SET pg_stat_statements.track = 'all'},
		'SELECT pg_reload_conf()', 'SELECT pg_stat_statements_reset()');
	my $n = $code->();
	my @rows = map { my @f = split /\|/, $_, 4; { toplevel => $f[0] eq 't' ? 1 : 0, calls => $f[1] / $n, us => $f[2] / $n, sql => $f[3] } }
		$self->sql(q{SELECT s.toplevel, s.calls, s.total_exec_time * 1000, regexp_replace(left(s.query, 150), '\s+', ' ', 'g')
			FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
			WHERE s.calls > 10 AND (r.rolname = 'smsd' OR NOT s.toplevel) ORDER BY s.total_exec_time DESC LIMIT 24});
	$self->sql('DROP EXTENSION pg_stat_statements', 'ALTER SYSTEM RESET shared_preload_libraries',
		'ALTER SYSTEM RESET pg_stat_statements.track');
	$self->hall(stop => 'pg');
	$self->hall(start => 'pg');
	return \@rows;
}

# What the boxes without a business answer: a sample of what smsd answered.
sub take_replies {
	my ($self) = @_;
	open my $out, '>', "$self->{dir}/replies" or die "bench: $self->{dir}/replies: $!\n";
	print $out "$_\n" for $self->sql(q{SELECT report::int || E'\t' || translate(text, E'\n\t', '  ')
		FROM hall.mt WHERE class = 'reply' ORDER BY random() LIMIT 1000});
	close $out or die "bench: $self->{dir}/replies: $!\n";
	die "bench: smsd answered nothing\n" unless -s "$self->{dir}/replies";
	return $self->sql(q{SELECT round(avg(length(text)), 1) || '|' || round(avg(segments), 2) || '|' || round(avg(report::int), 2)
		FROM hall.mt WHERE class = 'reply'});
}

1;
