package Faults;

# Faults - a hall under load, something done to it, and afterwards the books: each text sent has its effect exactly once
# and an answer, in the order of its sender; how many answers were said twice is counted and bounded.
#
#	my $f = Faults->new('smsd_kill');
#	for (1 .. 6) {
#		$f->run(0.2);			# load, for so many seconds from the first answer on
#		$f->fault(sub { $f->{hall}->kill('smsd'); $f->{hall}->start('smsd') });
#	}
#	$f->close_books;			# lets it settle, tests, prints FAULT smsd_kill: …
#
# The load is a process of its own that goes on whatever happens.  Each subscriber sends eight texts (@script), three or
# four at once and the next when those are answered.  Answers are known by what they say.
#
# Kannel gives texts out again, in any order and under new ids, when a link of its own was lost.  So there are two orders:
#	strict	the links to bearerbox hold: texts that depend on each other (on, off) follow at once, and each is one row
#	calm	they may not: such texts wait for the answer before, and a text may have come twice
#
# Environment: FAULT_SEED repeats what was random (it is printed), FAULTS_LONG=1 makes long ones of the tests.

use strict;
use warnings;
use utf8;
use Hall;
use IO::Select;
use POSIX ();
use Socket;
use Storable ();
use Test::More;
use Time::HiRes qw(sleep time);

use constant { FIRST => 13100000000, VOUCHER => 8800000000000000, SERIAL => 880000000, OPENING => 10000, BATCH => 128, LANES => 2,
	PATIENCE => 30 };

our $LONG = $ENV{FAULTS_LONG} ? 1 : 0;
our $SEED = $ENV{FAULT_SEED} // int(time * 1000) % 1_000_000_007;
srand $SEED;

# What a subscriber sends: text (of subscriber i), the answers that it may have, the command that answers, the outcome that
# changed something (- for none), and the money that this moved.
my @script = (
	{ say => sub { 'CZ ' . (VOUCHER + $_[0]) }, like => qr/^(?:充值成功|这张卡您已于)/, command => 'recharge.recharge', amount => 100 },
	{ say => sub { 'KT CAILING' }, like => qr/^(?:已为您开通|您已开通)彩铃/, command => 'services.service_on', amount => -500 },
	{ say => sub { 'QX CAILING' }, like => qr/^(?:已为您取消|您没有开通)彩铃/, command => 'services.service_off' },
	{ say => sub { 'KT SJB' }, like => qr/^(?:已为您开通|您已开通)手机报/, command => 'services.service_on', amount => -300 },
	{ say => sub { 'BM BENCH' . $_[0] % 10 }, like => qr/^(?:报名成功：|您已报名)压测活动/, command => 'events.signup' },
	{ say => sub { 'QXBM BENCH' . $_[0] % 10 }, like => qr/^(?:已取消您的|您没有报名)压测活动/, command => 'events.cancel' },
	{ say => sub { 'YE' }, like => qr/^您的话费余额/, command => 'bills.balance', idle => 1 },
	{ say => sub { '晚上几点回家吃饭' }, like => qr/^抱歉没看懂/, command => '', idle => 1 },
);
# What is sent at once; the next when all of it is answered.
my %bursts = (
	strict => [[0, 1, 2, 3], [4, 5, 6, 7]],
	calm => [[0, 1, 4], [2, 6, 3], [5, 7]],
);
# Outcomes of a text that came again: nothing was changed.
my %again = map { $_ => 1 } qw(repeated already_on used_by_you already_in not_on not_registered);

my @running;	# processes of ours: they end with the test, however it ends
my $owner = $$;

# Options: order (calm), subscribers (600), window (300 texts open at once), rate (800 texts a second), reports (none),
# repeats (how many answers may be said again; unless given, see bound()), proxy => [qw(smsc box db)]: which links go through a proxy, hall => { of Hall->new }.
sub new {
	my ($class, $name, %o) = @_;
	my $self = bless { name => $name, order => 'calm', subscribers => 600, window => 300, rate => 800, faults => [], %o }, $class;
	my %env = (SMSD_REPORTS => 'none', SMSD_BATCH_MAX => BATCH, SMSD_DB_CONNECTIONS => LANES, %{$self->{env} // {}});
	local @ENV{keys %env} = values %env;
	diag("$name: FAULT_SEED=$SEED");
	$self->{hall} = Hall->new(fast => 0, up => 0, env => \%env);
	$self->interpose($_) for @{$self->{proxy} // []};
	$self->{hall}->up;
	$self->{hall}->ready or die "the hall is not ready\n";
	$self->sql(Hall::slurp("$Hall::ROOT/sql/seed/bench.sql"), "SELECT bss.bench_load($self->{subscribers})");
	return $self;
}

sub hall { return $_[0]{hall} }
sub sql { my ($self, @sql) = @_; return $self->{hall}->sql(join ' ', map { "$_;\n" } @sql) }

# ---- proxies

# The files by which smsd and bearerbox are told the proxy's place instead of the other one's.
sub interpose {
	my ($self, $link) = @_;
	my $hall = $self->{hall};
	my $base = $hall->{base};
	if ($link eq 'smsc') {
		my $port = $self->proxy_start($link, 0, $base + 2);
		$self->conf_file(HALL_KANNEL_CONF => 'kannel.conf', sub { s/^port = \$\{SMSC_PORT.*$/port = $port/m });
	} elsif ($link eq 'box') {
		my $port = $self->proxy_start($link, 0, $base + 1);
		$self->conf_file(HALL_SMSD_CONF => 'smsd.yaml', sub { s/^    port: "\$\{SMSD_GATEWAY_PORT.*$/    port: $port/m });
	} elsif ($link eq 'db') {
		my $dir = "$hall->{dir}/p";
		mkdir $dir or die "$dir: $!\n";
		my $socket = '.s.PGSQL.' . ($base + 5);
		$self->proxy_start($link, "$dir/$socket", "$hall->{dir}/pg/$socket");
		$self->conf_file(HALL_SMSD_CONF => 'smsd.yaml',
			sub { s/^  conninfo: .*$/  conninfo: "dbname=hall user=smsd host=$dir port=@{[$base + 5]}"/m });
	}
}

# A copy of a shipped configuration with a line changed, which must be there.
sub conf_file {
	my ($self, $variable, $name, $change) = @_;
	my $hall = $self->{hall};
	my $file = "$hall->{dir}/$name";
	local $_ = Hall::slurp(-e $file ? $file : "$Hall::ROOT/kannel-conf/$name");
	$change->() or die "kannel-conf/$name has not the line that is to change\n";
	open my $out, '>:encoding(UTF-8)', $file or die "$file: $!\n";
	print $out $_;
	close $out or die "$file: $!\n";
	$hall->{env}{$variable} = $file;
}

sub proxy_start {
	my ($self, $link, $listen, $to) = @_;
	my ($pid, $in, $out) = start_piped("$Hall::ROOT/tests/faults/proxy", $listen, $to);
	my $proxy = $self->{proxies}{$link} = { pid => $pid, in => $in, out => $out, buffer => '', events => [] };
	my $ready = proxy_line($proxy, 5) // '';
	$ready =~ /^ready (\S+)$/ or die "the proxy of $link: $ready\n";
	return $1;
}

sub start_piped {
	my (@command) = @_;
	pipe my $theirs_in, my $in or die "pipe: $!\n";
	pipe my $out, my $theirs_out or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDIN, '<&', $theirs_in;
		open STDOUT, '>&', $theirs_out;
		close $_ for $in, $out, $theirs_in, $theirs_out;
		exec { $command[0] } @command or POSIX::_exit(127);
	}
	close $_ for $theirs_in, $theirs_out;
	$in->autoflush(1);
	push @running, $pid;
	return ($pid, $in, $out);
}

sub proxy_line {
	my ($proxy, $seconds) = @_;
	my $until = time + $seconds;
	while ($proxy->{buffer} !~ /\n/) {
		my $left = $until - time;
		return undef if $left < 0 || !IO::Select->new($proxy->{out})->can_read($left);
		sysread $proxy->{out}, $proxy->{buffer}, 4096, length $proxy->{buffer} or die "a proxy has ended\n";
	}
	$proxy->{buffer} =~ s/^([^\n]*)\n//;
	return $1;
}

# An order to the proxy of a link; its answer.
sub proxy {
	my ($self, $link, $order) = @_;
	my $proxy = $self->{proxies}{$link};
	print { $proxy->{in} } "$order\n";
	while (defined(my $line = proxy_line($proxy, 5))) {
		return $line if $line =~ /^ok/;
		die "proxy: $line\n" if $line !~ s/^event //;
		push @{$proxy->{events}}, $line;
	}
	die "the proxy of $link does not answer\n";
}

# The next thing that happened by itself at that proxy; undef after so many seconds.
sub proxy_event {
	my ($self, $link, $seconds) = @_;
	my $proxy = $self->{proxies}{$link};
	return shift @{$proxy->{events}} if @{$proxy->{events}};
	my $line = proxy_line($proxy, $seconds) // return undef;
	return $line =~ s/^event //r;
}

# Something done to a link: cut; after (cut in the middle of a message, either way); stall for some seconds; half (one side
# believes for so long that the connection is there) client or server; down for so long.
sub net_fault {
	my ($self, $link, $how, $seconds) = @_;
	my ($what, $arg) = split ' ', $how;
	if ($what eq 'after' || $what eq 'commit') {
		$self->proxy($link, $how);
		my $event = $self->proxy_event($link, 20);
		is($event, "$what $arg", "$link: $how: it was cut");
		$self->fault(sub { });
	} elsif ($what eq 'cut') {
		$self->fault(sub { $self->proxy($link, 'cut') });
	} else {
		$self->fault(sub {
			$self->proxy($link, $how);
			sleep $seconds;
			$self->proxy($link, 'cut') if $what eq 'half';
			$self->proxy($link, 'pass') if $what ne 'half';
		});
	}
}

# ---- smsd that dies at a point of smsd/base/crash_list.h

my $division = <<'EOY';
table: division
about: Divides by what one texts, to see what happens with nought
scope: group
ports: ["10086"]
commands:
  divide:
    about: A hundred divided by a number
    say: ["DIVIDE {n}"]
    args:
      n: {is: number}
    risk: query
    sql: SELECT 'ok' AS outcome, 100 / CAST(:n AS integer) AS q
    reply:
      ok: {zh: "得{{q}}", en: "makes {{q}} NOTE"}
      none: {zh: "无", en: "none"}
    examples:
      - {text: "DIVIDE 5", from: "13800138000", expect: ok, says: "20"}
EOY

# At which passing it may die, at most; 1 where it passes but once in a life.
my %most = (mo_taken => 150, answer_accepted => 100, report_taken => 60, tables_parsed => 2, tables_swapped => 2,
	map { $_ => 1 } qw(mark_sent rolled_back parked recover_asked recovered adopt_asked drained));
# What makes it pass there, where load alone does not.
my %provoke = (
	(map { $_ => \&text_that_fails } qw(rolled_back parked)),
	(map { $_ => \&new_version } qw(tables_parsed tables_swapped)),
	mark_sent => sub { $_[0]->tell('pause') },
	drained => sub { CORE::kill('TERM', $_[0]->hall->pid('smsd')) },
);

# A hall with the smsd that can die; a command that fails when told to is in the tables.
sub new_crashing {
	my ($class, $name, %o) = @_;
	my $smsd = "$Hall::BIN/crash/smsd";
	-x $smsd or die "there is no $smsd (make CRASH=1 build/crash/smsd)\n";
	my $self = $class->new($name, %o, env => { HALL_SMSD => $smsd, SMSD_REPORTS => 'all' });
	$self->{points} = [map { (split /\t/)[0] } grep { /\S/ } `'$smsd' --crash-points`];
	$self->{failing} = $self->{notes} = 0;
	$self->new_version;
	return $self;
}

sub text_that_fails {
	my ($self) = @_;
	$self->hall->line->send_text(13400000000 + $self->{failing}++, '10086', 'DIVIDE 0') for 1 .. 3;
}

sub new_version {
	my ($self) = @_;
	my $note = ++$self->{notes};
	$self->hall->smsctl('tables', 'apply', $self->hall->tables_dir('division.yaml' => $division =~ s/NOTE/$note/r));
}

# A life of smsd that ends at that point, at a passing by chance; false when it was not reached in time.  It must not run.
# Options: passing, instance, seconds (8).
sub crash {
	my ($self, $point, %o) = @_;
	my $hall = $self->hall;
	my $passing = $o{passing} // 1 + int rand($most{$point} // 6);
	my $log = "$hall->{dir}/log/smsd.log";
	my $from = -s $log // 0;
	$hall->{env}{SMSD_CRASH} = "$point:$passing";
	$hall->{env}{HALL_INSTANCE} = $o{instance} // ($point eq 'adopt_asked' ? 'hall2' : 'hall1');
	$self->load;
	eval { $hall->start('smsd') };	# it may die before it has come up
	$self->fault(sub { });
	if ($provoke{$point}) {
		my $before = $self->look(0)->{answered};
		my $until = time + 2;
		$self->look(0.02) while $self->{load}{answered} < $before + 20 && time < $until && !$hall->wait_gone('smsd', 0);
		$provoke{$point}->($self);
	}
	my $until = time + ($o{seconds} // 8);
	$self->look(0.02) while !$hall->wait_gone('smsd', 0) && time < $until;
	my $gone = $hall->wait_gone('smsd', 0);
	$hall->kill('smsd') unless $gone;
	delete @{$hall->{env}}{qw(SMSD_CRASH HALL_INSTANCE)};
	return $gone && substr(Hall::slurp($log), $from) =~ /event=crash_point name=$point\b/;
}

# Texts that failed by themselves: each has its apology and is parked, once.
sub check_failing {
	my ($self) = @_;
	is(scalar $self->sql(q{SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.mt WHERE msisdn LIKE '134%'}),
		"$self->{failing} $self->{failing}", 'each text that failed has one apology');
	is(scalar $self->sql(q{SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.parked WHERE msisdn LIKE '134%'}),
		"$self->{failing} $self->{failing}", '… and is parked once');
}

# ---- a second smsd

# Another instance on a port of its own, which is returned; killed like the rest at the end.
sub start_second {
	my ($self, $instance) = @_;
	my $hall = $self->{hall};
	my $log = "$hall->{dir}/log/$instance.log";
	my $port = $self->{second_port} //= `$Hall::ROOT/tests/stack/ports base 1` + 0;
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		%ENV = (%ENV, %{$hall->{env}}, $hall->env, SMSD_INSTANCE => $instance, SMSD_HTTP_PORT => $port);
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $log;
		open STDERR, '>&', \*STDOUT;
		my $smsd = $hall->{env}{HALL_SMSD} // "$Hall::BIN/smsd";
		exec { $smsd } $smsd, '-c', $ENV{SMSD_CONF} or POSIX::_exit(127);
	}
	push @running, $pid;
	$hall->wait_until(10, sub { HTTP::Tiny->new(timeout => 2)->get("http://127.0.0.1:$port/readyz")->{status} == 200 })
		or die "$instance is not ready: " . Hall::slurp($log) . "\n";
	return $pid;
}

sub end_process {
	my ($pid, $signal) = @_;
	CORE::kill($signal, $pid);
	waitpid $pid, 0;
	@running = grep { $_ != $pid } @running;
}

END {
	if ($$ == $owner) {
		local $?;
		CORE::kill('KILL', @running);
		waitpid $_, 0 for @running;
	}
}

# ---- the load, a process of its own

# Begins, or goes on.
sub load {
	my ($self) = @_;
	$self->load_start unless $self->{load};
	$self->tell('go');
}

sub load_start {
	my ($self) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!\n";
	my $journal = "$self->{hall}{dir}/journal";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		close $ours;
		@SIG{qw(INT TERM HUP)} = ('DEFAULT') x 3;
		my $done = eval { Faults::Load->new($self, $theirs)->serve($journal); 1 };
		print STDERR "the load: $@" unless $done;
		POSIX::_exit($done ? 0 : 1);
	}
	close $theirs;
	push @running, $pid;
	$self->{load} = { pid => $pid, socket => $ours, buffer => '', journal => $journal, sent => 0, answered => 0, left => 1 };
}

sub tell {
	my ($self, $order) = @_;
	syswrite $self->{load}{socket}, "$order\n" or die "the load has ended\n";
}

# Takes in what the load says of itself, waiting for at most so long.
sub look {
	my ($self, $seconds) = @_;
	my $load = $self->{load};
	my $ready = IO::Select->new($load->{socket});
	while ($ready->can_read($seconds)) {
		$seconds = 0;
		sysread $load->{socket}, $load->{buffer}, 65536, length $load->{buffer} or die "the load has ended\n";
		while ($load->{buffer} =~ s/^([^\n]*)\n//) {
			my $line = $1;
			if ($line =~ /^written/) {
				$load->{written} = 1;
			} else {
				@$load{qw(sent answered left last)} = split ' ', $line;
			}
		}
	}
	return $load;
}

# Load for so many seconds, counted from the first new answer on; the number of texts that were answered meanwhile.
sub run {
	my ($self, $seconds) = @_;
	$self->load;
	my $before = $self->look(0)->{answered};
	my $until = time + PATIENCE;
	while ($self->{load}{answered} == $before && $self->{load}{left}) {
		die "$self->{name}: no answer within ${\PATIENCE} s\n" if time > $until;
		$self->look(0.01);
	}
	$until = time + $seconds;
	while ((my $left = $until - time) > 0) {
		$self->look($left < 0.02 ? $left : 0.02);
	}
	return $self->{load}{answered} - $before;
}

# Does it while texts are under way, and remembers when.
sub fault {
	my ($self, $what) = @_;
	my $load = $self->look(0);
	$self->{without_load}++ unless $load->{left} || $load->{sent} > $load->{answered};
	push @{$self->{faults}}, time;
	return $what->();
}

# No new texts; until all are answered, nothing waits anywhere and nothing more comes.  False when that is not within so
# many seconds.
sub settle {
	my ($self, $seconds) = @_;
	my $hall = $self->{hall};
	my $until = time + ($seconds // 60);
	$self->tell('pause');
	while (time < $until) {
		my $load = $self->look(0.05);
		next if $load->{sent} > $load->{answered} || time < ($load->{last} // 0) + ($self->{quiet} // 0.7);
		return 1 if eval { $self->at_rest };
	}
	return 0;
}

sub at_rest {
	my ($self) = @_;
	my $hall = $self->{hall};
	return 0 if $hall->metrics->{smsd_in_flight};
	return 0 if $hall->line->stats->{waiting};
	return $hall->sql(q{SELECT count(*) FROM hall.sender WHERE accepted < last_batch}) == 0;
}

sub load_end {
	my ($self) = @_;
	my $load = $self->{load};
	$self->tell('end');
	my $until = time + 20;
	$self->look(0.1) until $load->{written} || time > $until;
	waitpid $load->{pid}, 0 if $load->{written};
	@running = grep { $_ != $load->{pid} } @running if $load->{written};
	return Storable::retrieve($load->{journal});
}

# The journal up to now, the load going on to exist.
sub journal {
	my ($self) = @_;
	my $load = $self->{load};
	delete $load->{written};
	$self->tell('journal');
	my $until = time + 20;
	$self->look(0.1) until $load->{written} || time > $until;
	return Storable::retrieve($load->{journal});
}

# ---- the books

# All ledgers in one look, each row beginning with what it is.
my @ledgers = (
	q{SELECT 'mo', msisdn, batch, coalesce(command, ''), outcome, version, text FROM hall.mo WHERE %s ORDER BY batch},
	q{SELECT 'mt', msisdn, state, replace(text, E'\n', '⏎') FROM hall.mt WHERE %s},
	q{SELECT 'payment', msisdn, kind, ref, amount FROM bss.payment WHERE %s},
	q{SELECT 'on', msisdn, service FROM bss.subscription WHERE %s},
	q{SELECT 'off', msisdn, service FROM bss.subscription_past WHERE %s},
	q{SELECT 'effect', msisdn, kind FROM bss.effect WHERE %s},
	q{SELECT 'signed', msisdn, event, state FROM bss.registration WHERE %s},
	q{SELECT 'balance', msisdn, balance FROM bss.account WHERE %s},
	q{SELECT 'parked', msisdn, coalesce(command, ''), error FROM hall.parked WHERE %s},
	q{SELECT 'voucher', serial, used_by, used_for FROM bss.voucher WHERE used_at IS NOT NULL AND serial BETWEEN 880000000 AND 889999999},
	q{SELECT 'event', code, taken, waiting FROM bss.event WHERE code LIKE 'BENCH%'},
);

sub read_books {
	my ($self) = @_;
	my $mine = "msisdn BETWEEN '" . FIRST . "' AND '" . (FIRST + $self->{subscribers} - 1) . "'";
	my %book = map { $_ => [] } qw(mo mt payment on off effect signed balance parked voucher event);
	for my $row ($self->sql(map { s/%s/$mine/r } @ledgers)) {
		my ($what, @column) = split /\|/, $row, -1;
		push @{$book{$what}}, \@column;
	}
	return \%book;
}

# What there must be, by what was sent: the same rows, as strings.
sub expected {
	my ($journal) = @_;
	my %rows;
	my %taken = map { ("BENCH$_" => 0) } 0 .. 9;
	my $effects = 0;
	for my $i (keys %{$journal->{sent}}) {
		my $sent = $journal->{sent}{$i};
		my ($who, $event, $balance) = (FIRST + $i, 'BENCH' . $i % 10, OPENING);
		$effects += grep { defined $sent->[$_] && !$script[$_]{idle} } 0 .. $#script;
		$balance += $script[$_]{amount} // 0 for grep { defined $sent->[$_] } 0 .. $#script;
		push @{$rows{balance}}, "$who $balance";
		if (defined $sent->[0]) {
			push @{$rows{payment}}, "$who voucher @{[SERIAL + $i]} 100";
			push @{$rows{voucher}}, SERIAL + $i . " $who $who";
			push @{$rows{effect}}, "$who recharge";
		}
		for ([1, 'CAILING'], [3, 'SJB']) {
			my ($k, $service) = @$_;
			next unless defined $sent->[$k];
			push @{$rows{payment}}, "$who service $service $script[$k]{amount}";
			push @{$rows{effect}}, "$who service_on";
			push @{$rows{on}}, "$who $service" unless $k == 1 && defined $sent->[2];
		}
		if (defined $sent->[2]) {
			push @{$rows{off}}, "$who CAILING";
			push @{$rows{effect}}, "$who service_off";
		}
		if (defined $sent->[4]) {
			my $cancelled = defined $sent->[5];
			push @{$rows{signed}}, "$who $event " . ($cancelled ? 'cancelled' : 'in');
			push @{$rows{effect}}, "$who event_signup";
			push @{$rows{effect}}, "$who event_cancel" if $cancelled;
			$taken{$event}++ unless $cancelled;
		}
	}
	$rows{event} = [map { "$_ $taken{$_} 0" } keys %taken];
	return (\%rows, $effects);
}

# What of two lists is in one only, as "+ row" (too many) and "- row" (missing).
sub differences {
	my ($found, $wanted) = @_;
	my %n;
	$n{$_}++ for @{$found // []};
	$n{$_}-- for @{$wanted // []};
	return map { ($n{$_} > 0 ? '+ ' : '- ') . $_ . (abs $n{$_} > 1 ? ' (' . abs($n{$_}) . ' times)' : '') } grep { $n{$_} } sort keys %n;
}

# Which text of the script a row of hall.mo is.
sub step_of {
	my ($i, $command, $text) = @_;
	return 0 if $command eq 'recharge.recharge';	# its digits are hidden
	for my $k (1 .. $#script) {
		return $k if $text eq $script[$k]{say}->($i);
	}
	return undef;
}

# Each text is there, did its effect once, and the others of it nothing; the rows are in the order of sending.
sub check_mo {
	my ($self, $journal, $book, $problem) = @_;
	my (%first, %done, %rows, %last);
	my %burst;
	for my $b (0 .. $#{$bursts{$self->{order}}}) {
		$burst{$_} = $b for @{$bursts{$self->{order}}[$b]};
	}
	for (@{$book->{mo}}) {
		my ($who, $batch, $command, $outcome, $version, $text) = @$_;
		my $i = $who - FIRST;
		my $k = step_of($i, $command, $text);
		if (!defined $k || !defined $journal->{sent}{$i}[$k]) {
			push @{$problem->{'texts in hall.mo that nobody sent'}}, "$who $text";
			next;
		}
		push @{$problem->{'texts that another command answered'}}, "$who $text: $command" if $command ne $script[$k]{command};
		$rows{"$i $k"}++;
		$done{"$i $k"}++ unless $again{$outcome};
		next if $rows{"$i $k"} > 1;
		my $place = $self->{order} eq 'strict' ? $k : $burst{$k};
		push @{$problem->{'texts handled before an earlier one of their sender'}}, "$who $text" if ($last{$i} // -1) > $place;
		$last{$i} = $place;
	}
	for my $i (keys %{$journal->{sent}}) {
		for my $k (grep { defined $journal->{sent}{$i}[$_] } 0 .. $#script) {
			my $what = FIRST + $i . ' ' . $script[$k]{say}->($i);
			push @{$problem->{'texts that were lost'}}, $what unless $rows{"$i $k"};
			push @{$problem->{'texts done more or less than once'}}, "$what: " . ($done{"$i $k"} // 0)
				if !$script[$k]{idle} && ($done{"$i $k"} // 0) != 1;
			push @{$problem->{'texts with two rows, though no link of Kannel was lost'}}, $what
				if $self->{order} eq 'strict' && ($rows{"$i $k"} // 0) > 1;
		}
	}
}

# Each message in the database reached its handset, and each handset got nothing else.
sub check_answers {
	my ($journal, $book, $problem) = @_;
	my (%made, %got);
	$made{"$_->[0] $_->[2]"}++ for @{$book->{mt}};
	for my $i (keys %{$journal->{answers}}) {
		$got{FIRST + $i . ' ' . $_->[1]}++ for @{$journal->{answers}{$i}};
	}
	push @{$problem->{'answers in hall.mt that nobody got'}}, grep { ($got{$_} // 0) < $made{$_} } sort keys %made;
	push @{$problem->{'answers that hall.mt does not know'}}, grep { !$made{$_} } sort keys %got;
	for my $i (keys %{$journal->{sent}}) {
		push @{$problem->{'texts without an answer'}}, FIRST + $i . ' ' . $script[$_]{say}->($i)
			for grep { defined $journal->{sent}{$i}[$_] && !defined $journal->{first}{$i}[$_] } 0 .. $#script;
	}
	push @{$problem->{'answers that fit none of the texts'}}, @{$journal->{strange}} if @{$journal->{strange}};
	push @{$problem->{'texts that the SMSC could not hand over'}}, @{$journal->{refused}} if @{$journal->{refused}};
}

# The longest time from a fault to the first answer to a text that was sent after it.
sub recovered {
	my ($self, $journal) = @_;
	my @pairs = sort { $a->[0] <=> $b->[0] } map {
		my $i = $_;
		map { [$journal->{sent}{$i}[$_], $journal->{first}{$i}[$_]] }
			grep { defined $journal->{first}{$i}[$_] } 0 .. $#script;
	} keys %{$journal->{sent}};
	my $longest = 0;
	for my $at (@{$self->{faults}}) {
		my @later = map { $_->[1] } grep { $_->[0] > $at } @pairs;
		@later = map { $_->[1] } grep { $_->[1] > $at } @pairs unless @later;
		my ($first) = sort { $a <=> $b } @later;
		$longest = $first - $at if defined $first && $first - $at > $longest;
	}
	return $longest;
}

# Problems by kind, and the figures.
sub examine {
	my ($self, $journal) = @_;
	my $book = $self->read_books;
	my ($expected, $effects) = expected($journal);
	my %problem;
	$self->check_mo($journal, $book, \%problem);
	check_answers($journal, $book, \%problem);
	$book->{balance} = [grep { $journal->{sent}{$_->[0] - FIRST} } @{$book->{balance}}];
	for my $ledger (qw(payment voucher on off signed effect event balance)) {
		my @wrong = differences([map { join ' ', @$_ } @{$book->{$ledger}}], $expected->{$ledger});
		$problem{"wrong rows of the ledger '$ledger'"} = \@wrong if @wrong;
	}
	$problem{'texts that were parked'} = [map { "@$_" } @{$book->{parked}}] if @{$book->{parked}};
	delete @problem{grep { !@{$problem{$_}} } keys %problem};
	my $answers = 0;
	$answers += @$_ for values %{$journal->{answers}};
	my %figures = (
		texts => $journal->{nsent}, answered => $journal->{nanswered}, effects => scalar @{$book->{effect}}, wanted_effects => $effects,
		repeated_answers => $answers - $journal->{nanswered}, rows => scalar @{$book->{mo}}, messages => scalar @{$book->{mt}},
		recovered_s => $self->recovered($journal),
	);
	return (\%problem, \%figures);
}

sub tell_problems {
	my ($problem) = @_;
	for my $kind (sort keys %$problem) {
		my @list = @{$problem->{$kind}};
		diag(scalar(@list) . " $kind:", map { "\n  $_" } @list > 8 ? (@list[0 .. 7], '…') : @list);
	}
}

# How many answers may be said again: at each fault those that were open, and one batch of each connection.
sub bound {
	my ($self) = @_;
	return @{$self->{faults}} * ($self->{window} + BATCH * LANES);
}

# In the middle of a test: settles, and one test that everything adds up.
sub check {
	my ($self, $what) = @_;
	$self->settle(30) or diag('it did not settle');
	my ($problem) = $self->examine($self->journal);
	ok(!%$problem, "$what: the books are right") or tell_problems($problem);
	return;
}

sub close_books {
	my ($self) = @_;
	my $settled = $self->settle($self->{patience});
	my $journal = $self->load_end;
	my ($problem, $f) = $self->examine($journal);
	ok($settled, 'everything comes to rest') or $self->tell_rest;
	is($f->{answered}, $f->{texts}, 'every text has an answer');
	is($f->{effects}, $f->{wanted_effects}, 'every text that changes something did so');
	ok(!%$problem, 'each once, in the right order, and the books are right') or tell_problems($problem);
	cmp_ok($f->{repeated_answers}, '<=', $self->bound, 'answers said again: no more than were open, and a batch') unless defined $self->{repeats};
	is($f->{repeated_answers}, $self->{repeats}, 'no answer was said again: smsd knew what it had sent') if defined $self->{repeats};
	ok(!$self->{without_load}, 'there was load at every fault');
	$self->audit;
	ok($self->{hall}->ready, 'and the hall is ready');
	diag(sprintf 'FAULT %s: texts=%d answered=%d effects=%d repeated_answers=%d recovered_s=%.1f', $self->{name},
		@$f{qw(texts answered effects repeated_answers recovered_s)});
	diag(sprintf '%s: faults=%d rows=%d messages=%d', $self->{name}, scalar @{$self->{faults}}, @$f{qw(rows messages)});
	return $f;
}

# Where it hangs, when it does.
sub tell_rest {
	my ($self) = @_;
	my $m = eval { $self->{hall}->metrics } // {};
	diag(join ' ', 'smsd:', map { "$_=" . ($m->{"smsd_$_"} // '-') } qw(in_flight box_up db_up mo_total mo_done_total mo_repeated_total mt_total mt_accepted_total));
	my $stats = eval { $self->{hall}->line->stats } // {};
	diag(join ' ', 'SMSC:', map { "$_=$stats->{$_}" } sort keys %$stats);
	diag("sender: $_") for eval { $self->sql('SELECT * FROM hall.sender') };
	diag("session: $_") for eval { $self->sql(q{SELECT pid, state, wait_event, left(query, 60) FROM pg_stat_activity WHERE usename = 'smsd'}) };
}

sub audit {
	my ($self) = @_;
	my ($status, $out) = $self->{hall}->smsctl('help');
	return unless $out =~ /^ *audit\b/m;
	($status, $out, my $err) = $self->{hall}->smsctl('audit');
	is($status, 0, 'smsctl audit finds nothing') or diag($out, $err);
}

package Faults::Load;

# What the load does: a loop over the SMSC's control port and the orders from the test.

use strict;
use warnings;
use utf8;
use IO::Select;
use Storable ();
use Time::HiRes qw(time);

use constant { TELL_EACH => 0.02, MOST_AT_ONCE => 60 };

sub new {
	my ($class, $f, $orders) = @_;
	my $line = $f->{hall}->new_line;
	$line->send('LISTEN *');
	$line->expect(qr/^OK/, 5) or die "SMSC: no OK\n";
	return bless {
		line => $line, orders => $orders, buffer => '', sending => 0, ended => 0,
		bursts => $bursts{$f->{order}}, window => $f->{window}, rate => $f->{rate}, budget => 0, filled => time,
		fresh => [0 .. $f->{subscribers} - 1], ready => [], turn => {}, open => {},
		sent => {}, first => {}, answers => {}, nsent => 0, nanswered => 0, last => 0, refused => [], strange => [], told => 0,
	}, $class;
}

sub serve {
	my ($self, $journal) = @_;
	my $orders = IO::Select->new($self->{orders});
	while (!$self->{ended}) {
		$self->obey($journal) if $orders->can_read(0);
		$self->take(0.01);
		$self->send_some if $self->{sending};
		$self->tell;
	}
}

sub obey {
	my ($self, $journal) = @_;
	sysread $self->{orders}, $self->{buffer}, 4096, length $self->{buffer} or POSIX::_exit(0);	# the test is gone
	while ($self->{buffer} =~ s/^(\w+)\n//) {
		if ($1 eq 'go' || $1 eq 'pause') {
			$self->{sending} = $1 eq 'go';
			@$self{qw(filled budget)} = (time, 0);
		} else {
			Storable::nstore({ map { $_ => $self->{$_} } qw(sent first answers nsent nanswered refused strange) }, $journal);
			syswrite $self->{orders}, "written\n";
			$self->{ended} = $1 eq 'end';
		}
	}
}

sub tell {
	my ($self) = @_;
	my $now = time;
	return if $now < $self->{told} + TELL_EACH;
	$self->{told} = $now;
	my $left = @{$self->{ready}} + @{$self->{fresh}} ? 1 : 0;
	syswrite $self->{orders}, "$self->{nsent} $self->{nanswered} $left $self->{last}\n";
}

# Who has been answered writes again before new ones do.
sub send_some {
	my ($self) = @_;
	my $now = time;
	$self->{budget} += ($now - $self->{filled}) * $self->{rate};
	$self->{filled} = $now;
	$self->{budget} = MOST_AT_ONCE if $self->{budget} > MOST_AT_ONCE;
	while ($self->{budget} >= 1 && $self->{nsent} - $self->{nanswered} < $self->{window}) {
		my $i = shift @{$self->{ready}} // shift @{$self->{fresh}} // return;
		my $burst = $self->{bursts}[$self->{turn}{$i}++ // 0];
		$self->send_one($i, $_) for @$burst;
	}
}

sub send_one {
	my ($self, $i, $k) = @_;
	my $text = $script[$k]{say}->($i);
	$self->{sent}{$i}[$k] = time;
	$self->{open}{$i}++;
	$self->{nsent}++;
	$self->{budget}--;
	$self->{line}->send_text(Faults::FIRST + $i, '10086', $text);
}

sub take {
	my ($self, $seconds) = @_;
	while (defined(my $l = $self->{line}->next($seconds))) {
		$seconds = 0;	# only what is there
		if ($l =~ /^MT /) {
			$self->answer($self->{line}->parse_mt($l));
		} elsif ($l =~ /^(?:REFUSED|ERROR)/) {
			push @{$self->{refused}}, $l;
		}
	}
}

# The first open text that this can be an answer to.
sub answer {
	my ($self, $mt) = @_;
	my $i = $mt->{to} - Faults::FIRST;
	return if $i < 0 || !$self->{sent}{$i};
	my $now = $self->{last} = time;
	push @{$self->{answers}{$i}}, [$now, $mt->{text} =~ s/\n/⏎/gr];
	for my $k (grep { defined $self->{sent}{$i}[$_] && !defined $self->{first}{$i}[$_] } 0 .. $#script) {
		next unless $mt->{text} =~ $script[$k]{like};
		$self->{first}{$i}[$k] = $now;
		$self->{nanswered}++;
		push @{$self->{ready}}, $i if --$self->{open}{$i} == 0 && $self->{turn}{$i} < @{$self->{bursts}};
		return;
	}
	push @{$self->{strange}}, "$mt->{to} $mt->{text}" unless grep { $mt->{text} =~ $_->{like} } @script;
}

1;
