package Hall;

# Hall - a private hall for one test file: PostgreSQL, SMSC, bearerbox and smsd on free ports in a temporary folder,
# removed when the test ends, however it ends.  Texts are Perl characters, not octets.
#
#	my $hall = Hall->new;			# options: fast => 0 keeps fsync, up => 0 starts nothing
#	my @answers = $hall->ask('13800138000', 'YE');
#
# HALL_KEEP=1 keeps the folder; HALL_BIN=build/san tests those programs.

use strict;
use warnings;
use utf8;
use Encode qw(decode encode);
use Fcntl qw(:flock O_CREAT O_RDWR);
use File::Temp ();
use FindBin;
use HTTP::Tiny;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

our $ROOT = do { my $d = __FILE__; $d =~ s{[^/]+$}{../..}; require Cwd; Cwd::abs_path($d) };
# Two batches at a time: more can go wrong than with the shipped one.
$ENV{SMSD_DB_CONNECTIONS} //= 2;
our $BIN = $ENV{HALL_BIN} ? Cwd::abs_path($ENV{HALL_BIN}) : "$ROOT/build";

my @halls;
my $owner = $$;
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);	# so that END runs
binmode $_, ':encoding(UTF-8)'
	for Test::More->builder->output, Test::More->builder->failure_output, Test::More->builder->todo_output, *STDERR;

sub new {
	my ($class, %o) = @_;
	my $self = bless { dir => File::Temp::mkdtemp(($ENV{TMPDIR} // '/tmp') . '/smshall-test.XXXXXX') }, $class;
	push @halls, $self;
	chmod 0711, $self->{dir};	# PostgreSQL's user must get in
	$self->take_ports;
	$self->{env} = {
		PORT_BASE => $self->{base}, HALL_TEST => 1, HALL_PG_FAST => ($o{fast} // 1) ? 1 : '',
		HALL_BIN => $BIN, SMSHALL_ENV => "$self->{dir}/env", %{$o{env} // {}},
	};
	$self->up if $o{up} // 1;
	return $self;
}

# Six free ports.  Two tests that look at the same moment are kept apart by a lock for as long as they run.
sub take_ports {
	my ($self) = @_;
	my $locks = ($ENV{TMPDIR} // '/tmp') . "/smshall-ports.$<";
	for (1 .. 100) {
		mkdir $locks, 0700;	# the last test that ended may have removed it
		chomp(my $base = `$ROOT/tests/stack/ports base 6`);
		sysopen my $fh, "$locks/$base", O_CREAT | O_RDWR or next;
		next unless flock $fh, LOCK_EX | LOCK_NB;
		@$self{qw(base port_lock port_file)} = ($base, $fh, "$locks/$base");
		return;
	}
	die "no free ports, or $locks may not be written to\n";
}

# ---- programs

# Runs a program in this hall's environment: exit status, stdout, stderr (both as characters).
sub run {
	my ($self, @command) = @_;
	my $in = '';
	$in = ${shift @command} if ref $command[0];
	local %ENV = (%ENV, %{$self->{env}}, $self->env);
	my $err = File::Temp->new;
	my $out = File::Temp->new;
	my $stdin = File::Temp->new;
	print $stdin encode('UTF-8', $in);
	close $stdin;
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDIN, '<', $stdin->filename;
		open STDOUT, '>', $out->filename;
		open STDERR, '>', $err->filename;
		chdir $ROOT;
		no warnings 'exec';
		exec map { utf8::is_utf8($_) ? encode('UTF-8', $_) : $_ } @command;
		print STDERR "$command[0]: $!\n";
		POSIX::_exit(127);
	}
	waitpid $pid, 0;
	my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return ($status, map { slurp($_->filename) } $out, $err);
}

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or return '';
	local $/;
	return decode('UTF-8', <$in> // '');
}

sub smsctl { my ($self, @arg) = @_; return $self->run("$BIN/smsctl", @arg) }

# A folder with the shipped tables, and files (name to content; undef removes) in their place or beside them.
sub tables_dir {
	my ($self, %file) = @_;
	my $dir = File::Temp::mkdtemp("$self->{dir}/tables.XXXXXX");
	chmod 0755, $dir;
	for my $from (glob(($ENV{HALL_COMMANDS} // "$ROOT/commands") . "/*.yaml")) {
		my ($name) = $from =~ m{([^/]+)$};
		$file{$name} = slurp($from) unless exists $file{$name};
	}
	for my $name (grep { defined $file{$_} } keys %file) {
		open my $out, '>:encoding(UTF-8)', "$dir/$name" or die "$dir/$name: $!\n";
		print $out $file{$name};
		close $out or die "$dir/$name: $!\n";
	}
	return $dir;
}

# Makes such a folder the active version, and waits until smsd has taken it over.
sub apply {
	my ($self, %file) = @_;
	my ($status, $out, $err) = $self->smsctl('tables', 'apply', $self->tables_dir(%file));
	die "tables apply: $out$err" if $status;
	$self->wait_version or die "smsd did not take the new tables over\n";
	return $out;
}

sub wait_version {
	my ($self) = @_;
	my $version = $self->sql(q{SELECT id FROM hall.table_version WHERE state = 'active'});
	return $self->wait_until(60, sub { $self->metrics->{smsd_table_version} == $version });
}

# tests/stack/hall with this folder; dies with what it said when it fails.
sub stack {
	my ($self, $what, @arg) = @_;
	my ($status, $out, $err) = $self->run("$ROOT/tests/stack/hall", $what, $self->{dir}, @arg);
	die "hall $what @arg: $out$err" if $status;
	return $out;
}

sub up { my ($self) = @_; $self->stack('up'); delete $self->{line}; return }
sub start { my ($self, $part) = @_; $self->stack(start => $part); return }
sub stop { my ($self, $part) = @_; $self->stack(stop => $part); return }

sub pid {
	my ($self, $part) = @_;
	return (split /\n/, slurp("$self->{dir}/run/$part.pid"))[0];
}

# SIGKILL, at this moment: `hall kill` needs some 50 ms to start.
sub kill {
	my ($self, $part) = @_;
	CORE::kill('KILL', $self->pid($part)) or die "kill $part: $!\n";
	return $self->wait_gone($part, 5);
}

# Whether the part has ended (a zombie has) within so many seconds.
sub wait_gone {
	my ($self, $part, $seconds) = @_;
	my $pid = $self->pid($part) // return 1;
	return $self->wait_until($seconds, sub { slurp("/proc/$pid/stat") !~ /\) [^Z]/ });
}

# Another smsd on the same gateway and database, under that name and with a HTTP port of its own; its configuration is the
# hall's unless one is given.  It is a part like the others for pid, kill, wait_gone and log, and ends with the hall.
sub start_second {
	my ($self, $instance, $conf) = @_;
	my $log = "$self->{dir}/log/$instance.log";
	my $second = $self->{second}{$instance} //= { port => `$ROOT/tests/stack/ports base 1` + 0 };
	$self->end_second($instance);
	my $pid = $second->{pid} = fork // die "fork: $!\n";
	if (!$pid) {
		%ENV = (%ENV, %{$self->{env}}, $self->env, SMSD_INSTANCE => $instance, SMSD_HTTP_PORT => $second->{port});
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $log;
		open STDERR, '>&', \*STDOUT;
		my $smsd = $self->{env}{HALL_SMSD} // "$BIN/smsd";
		exec { $smsd } $smsd, '-c', $conf // $ENV{SMSD_CONF} or POSIX::_exit(127);
	}
	open my $out, '>', "$self->{dir}/run/$instance.pid" or die "$instance.pid: $!\n";
	print $out "$pid\n";
	close $out or die "$instance.pid: $!\n";
	my $ready = "http://127.0.0.1:$second->{port}/readyz";
	return $self->wait_until(60, sub { HTTP::Tiny->new(timeout => 5)->get($ready)->{status} == 200 })
		|| die "$instance is not ready: " . slurp($log) . "\n";
}

# Also one that was killed before: until then its id is nobody else's.
sub end_second {
	my ($self, $instance) = @_;
	my $pid = delete $self->{second}{$instance}{pid} // return;
	CORE::kill('KILL', $pid);
	waitpid $pid, 0;
	return;
}

sub log { my ($self, $part) = @_; return slurp("$self->{dir}/log/$part.log") }

# The shell assignments that `hall up` left.
sub env {
	my ($self) = @_;
	return map { /^(\w+)='(.*)'$/ ? ($1 => $2) : () } split /\n/, slurp("$self->{dir}/env");
}

# ---- database, HTTP

# The rows of a statement, columns separated by |; in scalar context the first.
sub sql {
	my ($self, $sql) = @_;
	my ($status, $out, $err) = $self->run(\$sql, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-f', '-');
	die "sql: $err($sql)" if $status;
	my @rows = split /\n/, $out;
	return wantarray ? @rows : $rows[0];
}

sub http {
	my ($self, $path) = @_;
	my $r = HTTP::Tiny->new(timeout => 5)->get('http://127.0.0.1:' . ($self->{base} + 4) . $path);
	return ($r->{status}, decode('UTF-8', $r->{content}));
}

# name or name{label="value"} to its value
sub metrics {
	my ($self) = @_;
	my ($status, $body) = $self->http('/metrics');
	return { map { /^([^#\s]\S*(?:\{.*\})?) (\S+)$/ ? ($1 => $2) : () } split /\n/, $body };
}

# ---- handsets

# A connection to the SMSC's control port (tests/smsc/README.md).
sub line {
	my ($self) = @_;
	return $self->{line} //= $self->new_line;
}

sub new_line { my ($self) = @_; return Hall::Line->new($self->{base} + 3) }

# The same, told of all that reaches a handset ('*': any) from now on.
sub ear {
	my ($self, $who) = @_;
	my $line = $self->new_line;
	$line->send("LISTEN $who");
	$line->expect(qr/^OK/, 30) or die "SMSC: no OK\n";
	return $line;
}

# Sends a text and returns the answers as hashes (to, from, segments, coding, text).
# Options: to (10086), timeout of the first answer (15 s), settle: how long another may follow (0.3 s).
sub ask_all {
	my ($self, $from, $text, %o) = @_;
	my $line = $self->ear($from);
	$line->send_text($from, $o{to} // '10086', $text);
	my @answers;
	my $until = time + ($o{timeout} // 15);
	while (defined(my $l = $line->next($until - time))) {
		my $mt = $line->parse_mt($l) or next;
		push @answers, $mt;
		$until = time + ($o{settle} // 0.3);
	}
	return @answers;
}

sub ask { my $self = shift; return map { $_->{text} } $self->ask_all(@_) }

# For a single answer: "" when none came, all of them when there are several.
sub answer { my $self = shift; return join "\n---\n", $self->ask(@_) }

# ---- waiting

# Until the function returns something true, which is returned; undef after so many seconds.
sub wait_until {
	my ($self, $seconds, $what) = @_;
	my $until = time + $seconds;
	while (1) {
		my $r = eval { $what->() };
		return $r if $r;
		return undef if time > $until;
		sleep 0.1;
	}
}

sub ready {
	my ($self, $seconds) = @_;
	return $self->wait_until($seconds // 30, sub { ($self->http('/readyz'))[0] == 200 });
}

sub purge {
	my ($self) = @_;
	delete $self->{line};
	$self->end_second($_) for keys %{$self->{second} // {}};
	return unless defined $self->{dir} && -d $self->{dir};
	if ($ENV{HALL_KEEP}) {
		eval { $self->stack('down') };
		diag("kept: $self->{dir}");
	} else {
		eval { $self->stack('purge') } or $@ && diag($@);
	}
	unlink $self->{port_file};
	rmdir $self->{port_file} =~ s{/[^/]+$}{}r;
}

END {
	if ($$ == $owner) {
		my $status = $?;
		local $?;
		for my $hall (@halls) {
			if ($status || !Test::More->builder->is_passing) {
				for my $part (qw(smsd kannel)) {
					my @log = split /\n/, $hall->log($part);
					diag("the end of $part.log:", map { "\n  $_" } splice @log, @log > 12 ? -12 : 0) if @log;
				}
			}
			$hall->purge;
		}
	}
}

package Hall::Line;

use strict;
use warnings;
use Encode qw(decode encode);
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

sub new {
	my ($class, $port) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port)
		or die "the SMSC's control port $port: $!\n";
	binmode $socket;
	return bless { socket => $socket, in => '', select => IO::Select->new($socket) }, $class;
}

sub send {
	my ($self, @lines) = @_;
	my $out = join '', map { encode('UTF-8', $_) . "\n" } @lines;
	while (length $out) {
		my $n = syswrite $self->{socket}, $out;
		die "the SMSC is gone: $!\n" unless $n;
		substr $out, 0, $n, '';
	}
}

sub send_text {
	my ($self, $from, $to, $text) = @_;
	$text =~ s/([\\\n\t\r])/{"\\" => '\\\\', "\n" => '\\n', "\t" => '\\t', "\r" => '\\r'}->{$1}/ge;
	$self->send("SEND $from $to $text");
}

# The next line that came, as characters; undef when none comes in so many seconds.
sub next {
	my ($self, $seconds) = @_;
	my $until = time + ($seconds // 0);
	while (1) {
		return decode('UTF-8', $1) if $self->{in} =~ s/^([^\n]*)\n//;
		my $left = $until - time;
		return undef if $left < 0 || !$self->{select}->can_read($left);
		sysread $self->{socket}, $self->{in}, 65536, length $self->{in} or die "the SMSC closed the connection\n";
	}
}

# The next line that matches; others are dropped.
sub expect {
	my ($self, $re, $seconds) = @_;
	my $until = time + $seconds;
	while (defined(my $line = $self->next($until - time))) {
		return $line if $line =~ $re;
	}
	return undef;
}

sub parse_mt {
	my ($self, $line) = @_;
	my ($to, $from, $segments, $coding, $at, $text) = $line =~ /^MT (\S+) (\S+) (\d+) (\S+) (\d+) (.*)$/s or return;
	$text =~ s/\\(.)/{n => "\n", t => "\t", r => "\r"}->{$1} \/\/ $1/ge;
	return { to => $to, from => $from, segments => $segments, coding => $coding, at => $at, text => $text };
}

# The text of the next message, or of the next that reads so; "" when none comes in so many seconds.
sub heard {
	my ($self, $seconds, $want) = @_;
	my $until = time + $seconds;
	while (defined(my $line = $self->expect(qr/^MT /, $until - time))) {
		my $text = $self->parse_mt($line)->{text};
		return $text if !defined $want || $text =~ $want;
	}
	return '';
}

sub stats {
	my ($self) = @_;
	$self->send('STATS');
	my $line = $self->expect(qr/^(?:STATS )?\{/, 5) // die "the SMSC gave no STATS\n";
	$line =~ s/^STATS //;
	return { $line =~ /"(\w+)":(\d+)/g };
}

1;
