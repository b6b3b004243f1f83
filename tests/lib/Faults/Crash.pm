package Faults::Crash;

# Faults::Crash - a part of Faults: smsd that dies at a point of smsd/base/crash_list.h
#
#	my $f = Faults->new_crashing('crash_points');
#	$f->crash('commit_sent');		# a life of smsd that ends there

use strict;
use warnings;
use utf8;
use Division;
use Hall;
use Test::More;
use Time::HiRes qw(time);

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
	# Texts alone pass no point of what nobody asked for: tests/e2e/crash_unasked.t.
	$self->{points} = [map { (split /\t/)[0] } grep { /\S/ && !/^unasked_/ } `'$smsd' --crash-points`];
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
	$self->hall->smsctl('tables', 'apply', $self->hall->tables_dir('division.yaml' => Division::table(note => $note)));
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

1;
