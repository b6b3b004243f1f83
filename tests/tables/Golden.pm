package Golden;

# Golden - broken tables and what the check says of them: NAME.yaml and NAME.expect, for check.t and database.t.
# UPDATE=1 writes the .expect files anew instead of comparing (and the test fails): read the difference before keeping it.

use strict;
use warnings;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

our $ROOT = "$FindBin::Bin/../..";
our $SMSCTL = ($ENV{HALL_BIN} // "$ROOT/build") . '/smsctl';

# Runs smsctl: exit status, stdout, stderr.
sub smsctl {
	my (@arg) = @_;
	my $dir = tempdir(CLEANUP => 1);
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDOUT, '>', "$dir/out";
		open STDERR, '>', "$dir/err";
		exec $SMSCTL, @arg or die "$SMSCTL: $!\n";
	}
	waitpid $pid, 0;
	return ($? >> 8, slurp("$dir/out"), slurp("$dir/err"));
}

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or return '';
	local $/;
	return <$in> // '';
}

# A folder with these files and, unless one of them stands `# alone`, the engine's own texts.
sub folder {
	my (@file) = @_;
	my $dir = tempdir(CLEANUP => 1);
	my $alone = grep { slurp($_) =~ /^# alone/ } @file;
	for my $file (@file, $alone ? () : "$FindBin::Bin/answers.yaml") {
		copy($file, $dir) or die "$file: $!\n";
	}
	return $dir;
}

# Each case of a folder: the output is as expected, and so is the exit status.
sub compare {
	my ($cases, @option) = @_;
	my @file = glob "$FindBin::Bin/$cases/*.yaml";
	cmp_ok(scalar @file, '>', 0, "there are cases in $cases");
	for my $file (@file) {
		(my $expect = $file) =~ s/yaml$/expect/;
		my $dir = folder($file);
		my ($status, $out, $err) = smsctl('tables', 'check', @option, $dir);
		my ($name) = $file =~ m{([^/]+/[^/]+)\.yaml$};
		$out =~ s/^\Q$dir\E\///mg;
		if ($ENV{UPDATE}) {
			open my $to, '>', $expect or die "$expect: $!\n";
			print $to $out;
			close $to;
			fail("$name: written anew");
			next;
		}
		is($out, slurp($expect), "$name: what it says") or diag($err);
		is($status, $out =~ /: ok/ ? 0 : 1, "$name: exit status");
	}
	return;
}

1;
