package Faults::Load;

# Faults::Load - the load of a fault test: a loop over the SMSC's control port and the orders from the test, in a process
# of its own.  Orders are lines: go, pause, journal (write down what happened), end (that, and end).  It says all the time
# how many texts were sent and answered, whether some are left, and when the last answer came.

use strict;
use warnings;
use utf8;
use Faults::Script;
use IO::Select;
use POSIX ();
use Storable ();
use Time::HiRes qw(time);

use constant { TELL_EACH => 0.02, MOST_AT_ONCE => 60 };

sub new {
	my ($class, $f, $orders) = @_;
	my $line = $f->{hall}->ear('*');
	return bless {
		line => $line, orders => $orders, buffer => '', sending => 0, ended => 0,
		bursts => $bursts{$f->{order}}, window => $f->{window}, rate => $f->{rate}, budget => 0, filled => time,
		fresh => [0 .. $f->{subscribers} - 1], ready => [], turn => {}, open => {},
		sent => {}, first => {}, answers => {}, nsent => 0, nanswered => 0, last => 0, refused => [], strange => [], again => [], told => 0,
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
			Storable::nstore({ map { $_ => $self->{$_} } qw(sent first answers nsent nanswered refused strange again) }, $journal);
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
	$self->{line}->send_text(FIRST + $i, '10086', $text);
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
	my $i = $mt->{to} - FIRST;
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
	push @{$self->{again}}, $now;
	push @{$self->{strange}}, "$mt->{to} $mt->{text}" unless grep { $mt->{text} =~ $_->{like} } @script;
}

1;
