package Faults::Books;

# Faults::Books - what was sent and heard compared with what the database says: texts, answers, and every ledger.  A part
# of Faults; examine() is what it calls.

use strict;
use warnings;
use utf8;
use Faults::Script;
use Test::More;

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
	q{SELECT 'voucher', serial, used_by, used_for FROM bss.voucher
		WHERE used_at IS NOT NULL AND serial BETWEEN 880000000 AND 889999999},
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
	return map {
		($n{$_} > 0 ? '+ ' : '- ') . $_ . (abs $n{$_} > 1 ? ' (' . abs($n{$_}) . ' times)' : '')
	} grep { $n{$_} } sort keys %n;
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

# What happened with a subscriber: when he sent which text (S), when rows were made (R), when answers came (A); seconds
# from his first text on.
sub story {
	my ($journal, $book, $i) = @_;
	my @sent = @{$journal->{sent}{$i}};
	my ($begin) = sort { $a <=> $b } grep { defined } @sent;
	my @events = map { defined $sent[$_] ? [$sent[$_], 'S ' . $script[$_]{say}->($i)] : () } 0 .. $#sent;
	push @events, map { [$_->[1] / 1e6, "R $_->[5]: $_->[3]"] } grep { $_->[0] == FIRST + $i } @{$book->{mo}};
	push @events, map { [$_->[0], 'A ' . substr $_->[1], 0, 12] } @{$journal->{answers}{$i} // []};
	return join '', map { sprintf "\n\t%.3f %s", $_->[0] - $begin, $_->[1] } sort { $a->[0] <=> $b->[0] } @events;
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
			push @{$problem->{'texts done more or less than once'}}, "$what: " . ($done{"$i $k"} // 0) . story($journal, $book, $i)
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

# How many answers a fault made be said again, at most: until the second fault those after the first one, until the third
# half of those after the first two, and so on, for what one fault sent again may arrive after the next.
sub most_again {
	my ($self, $journal) = @_;
	my @n = (0) x (1 + @{$self->{faults}});
	for my $at (@{$journal->{again}}) {
		$n[grep { $_ < $at } @{$self->{faults}}]++;
	}
	my ($most, $sum) = (shift @n, 0);
	for my $i (0 .. $#n) {
		$sum += $n[$i];
		$most = $sum / ($i + 1) if $sum / ($i + 1) > $most;
	}
	return int $most;
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
		repeated_answers => $answers - $journal->{nanswered}, most_again => $self->most_again($journal), rows => scalar @{$book->{mo}}, messages => scalar @{$book->{mt}},
		recovered_s => $self->recovered($journal),
	);
	return (\%problem, \%figures);
}

sub tell_problems {
	my ($self, $problem) = @_;
	for my $kind (sort keys %$problem) {
		my @list = @{$problem->{$kind}};
		diag(scalar(@list) . " $kind:", map { "\n  $_" } @list > 8 ? (@list[0 .. 7], '…') : @list);
	}
}

1;
