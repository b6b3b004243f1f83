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
# The load (Faults::Load) is a process of its own that goes on whatever happens, with the tables of tests/tables-of-load.
# Each subscriber sends eight texts (Faults::Script), some at once and the next when those are answered.  Answers are known
# by what they say.  There are more subscribers than any test uses up, so that a slow machine too has load at each fault.
#
# Kannel gives texts out again, in any order and under new ids, when a link of its own was lost.  So there are orders:
#	strict	the links to bearerbox hold: texts that depend on each other (on, off) follow at once, and each is one row
#	calm	they may not: such texts wait for the answer before, and a text may have come twice
#	apart	an SMSC that does not know that its link is gone may even hand a text over after its sender has undone it, and
#		nobody can tell that from a new order: nothing is undone
#
# Environment: FAULT_SEED repeats what was random (it is printed), FAULTS_LONG=1 makes long ones of the tests.

use strict;
use warnings;
use utf8;
use parent -norequire, qw(Faults::Books Faults::Crash);
use Faults::Books;
use Faults::Crash;
use Faults::Load;
use Faults::Tables;
use Hall;
use IO::Select;
use POSIX ();
use Socket;
use Storable ();
use Test::More;
use Time::HiRes qw(sleep time);

use constant { BATCH => 128, LANES => 2, PATIENCE => 30 };

our $LONG = $ENV{FAULTS_LONG} ? 1 : 0;
our $SEED = $ENV{FAULT_SEED} // int(time * 1000) % 1_000_000_007;
srand $SEED;

my @running;	# processes of ours: they end with the test, however it ends
my $owner = $$;

# Options: order (calm), subscribers (8000, in long tests 60000), window (300 texts open at once), rate (800 texts a
# second), repeats (how many answers are said again in all; unless given, see bound()), again (how many after a fault,
# instead of bound()), proxy => [qw(smsc box db)]: which links go through a proxy, env => { for smsd }, patience (60 s for
# all to come to rest).
sub new {
	my ($class, $name, %o) = @_;
	my $self = bless { name => $name, order => 'calm', subscribers => $LONG ? 60000 : 8000, window => 300, rate => 800, faults => [], %o }, $class;
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
		$self->fault(sub {
			$self->proxy($link, $how);
			is($self->proxy_event($link, 30), "$what $arg", "$link: $how: it was cut");
			$self->{faults}[-1] = time;
		});
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
		if (!sysread $load->{socket}, $load->{buffer}, 65536, length $load->{buffer}) {
			return $load if $load->{written};	# as it was told to
			die "the load has ended\n";
		}
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

# Until no more than so many texts are open: what had heaped up is worked off before more is sent.
sub catch_up {
	my ($self, $open) = @_;
	$self->tell('pause');
	my $until = time + 2 * PATIENCE;
	while ($self->look(0.02) && $self->open_texts > $open) {
		next if time < $until;
		$self->tell_rest;
		die "$self->{name}: more than $open texts stay open for ${\(2 * PATIENCE)} s\n";
	}
	$self->tell('go');
	return;
}

sub open_texts { my ($self) = @_; return $self->{load}{sent} - $self->{load}{answered} }

# Load until a text is open; false when there is none to send any more.
sub under_way {
	my ($self) = @_;
	$self->load;
	my $until = time + PATIENCE;
	$self->look(0);
	$self->look(0.02) while !$self->open_texts && $self->{load}{left} && time < $until;
	return $self->open_texts > 0;
}

# Does it while texts are under way, and remembers when.
sub fault {
	my ($self, $what) = @_;
	$self->{without_load}++ unless $self->under_way;
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
	return $self->unsent == 0;
}

# How many messages, perhaps of one instance only, stand behind the mark of what gateways took.
sub unsent {
	my ($self, $instance) = @_;
	my $whose = defined $instance ? "AND s.instance = '$instance'" : '';
	return $self->sql("SELECT count(*) FROM hall.mt t JOIN hall.sender s ON s.instance = t.instance AND s.conn = t.conn
		WHERE t.state = 'queued' AND t.batch > s.accepted $whose");
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

# How many answers may be said again after a fault: those that were open, and one batch of each connection.
sub bound {
	my ($self) = @_;
	return $self->{again} // $self->{window} + BATCH * LANES;
}

# In the middle of a test: settles, and one test that everything adds up.
sub check {
	my ($self, $what) = @_;
	$self->settle(30) or diag('it did not settle');
	my ($problem) = $self->examine($self->journal);
	ok(!%$problem, "$what: the books are right") or $self->tell_problems($problem);
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
	ok(!%$problem, 'each once, in the right order, and the books are right') or $self->tell_problems($problem);
	if (defined $self->{repeats}) {
		is($f->{repeated_answers}, $self->{repeats}, 'no answer was said again: smsd knew what it had sent');
	} else {
		cmp_ok($f->{most_again}, '<=', $self->bound, 'answers said again, a fault: no more than were open, and a batch of each connection');
	}
	ok(!$self->{without_load}, 'there was load at every fault');
	$self->audit;
	ok($self->{hall}->ready, 'and the hall is ready');
	diag(sprintf 'FAULT %s: texts=%d answered=%d effects=%d repeated_answers=%d recovered_s=%.1f', $self->{name},
		@$f{qw(texts answered effects repeated_answers recovered_s)});
	diag(sprintf '%s: faults=%d rows=%d messages=%d most_repeated_after_one=%d', $self->{name}, scalar @{$self->{faults}},
		@$f{qw(rows messages most_again)});
	return $f;
}

# Where it hangs, when it does.
sub tell_rest {
	my ($self) = @_;
	my $m = eval { $self->{hall}->metrics } // {};
	diag(join ' ', 'smsd:', map { "$_=" . ($m->{"smsd_$_"} // '-') }
		qw(in_flight box_up db_up mo_total mo_done_total mo_repeated_total mt_total mt_accepted_total));
	my $stats = eval { $self->{hall}->line->stats } // {};
	diag(join ' ', 'SMSC:', map { "$_=$stats->{$_}" } sort keys %$stats);
	diag("sender: $_") for eval { $self->sql('SELECT * FROM hall.sender') };
	diag("session: $_") for eval { $self->sql(q{SELECT pid, state, wait_event, replace(left(query, 60), E'\n', ' ')
		FROM pg_stat_activity WHERE usename = 'smsd'}) };
}

sub audit {
	my ($self) = @_;
	my ($status, $out) = $self->{hall}->smsctl('help');
	return unless $out =~ /^ *audit\b/m;
	($status, $out, my $err) = $self->{hall}->smsctl('audit');
	is($status, 0, 'smsctl audit finds nothing') or diag($out, $err);
}

1;
