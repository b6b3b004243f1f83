#!/usr/bin/perl
# The manual pages: mandoc finds nothing wrong, every command of smsctl with its subcommands and options stands in
# smsctl(1), every option of smsd in smsd(8), and what they name exists.
use strict;
use warnings;
use FindBin;
use Test::More;

chdir "$FindBin::Bin/../.." or die "cannot enter the checkout: $!\n";

sub text {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return scalar <$in>;
}

my @pages = glob 'smsd/man/*.[1-8]';
cmp_ok(scalar @pages, '>=', 3, 'there are manual pages');
for my $page (@pages) {
	# which other manuals are installed is a matter of the machine
	my @said = grep { !/referenced manual not found|outdated mandoc\.db|mandoc\.db: / } `mandoc -Tlint $page 2>&1`;
	is(join('', @said), '', "mandoc finds nothing wrong in $page");
}
is(system('command -v mandoc >/dev/null'), 0, 'mandoc is installed');

my $smsctl = text('smsd/man/smsctl.1');

# { "db", "install|upgrade|status|key FILE", "…", db_main },
my ($table) = text('smsd/smsctl.c') =~ /commands\[\] = \{\n(.*?)\n\};/s;
my @commands = $table =~ /^\t\{ "(\w+)", "([^"]*)", "[^"]+",\s+\w+ \},$/mg;
cmp_ok(scalar @commands, '>=', 16, 'smsctl has its commands');
my %is_command;
while (my ($name, $usage) = splice @commands, 0, 2) {
	$is_command{$name} = 1;
	my @sub = $usage =~ /\|/ ? map { /^([a-z]+)/ } split /\|/, $usage : ();
	for my $what (@sub ? map { "$name $_" } @sub : $name) {
		like($smsctl, qr/^\.It Ic \Q$what\E\b/m, "smsctl(1) explains smsctl $what");
	}
}
my %told = map { $_ => 1 } $smsctl =~ /^\.It Ic (\w+)/mg;
is(join(' ', grep { !$is_command{$_} } sort keys %told), '', 'smsctl(1) explains no other command');

# { "sql", 's', "DIR", 0, "…", 0 } in the tables of argp
sub long_options {
	my ($file) = @_;
	my @names;
	push @names, /^\t+\{ "([a-z][a-z-]*)", (?:'.'|OPT_\w+),/mg for text($file) =~ /struct argp_option \w+\[\] = \{\n(.*?)\n\t*\};/sg;
	return @names;
}
for my $file (glob 'smsd/ctl/*.c') {
	for my $option (long_options($file)) {
		like($smsctl, qr/Fl -\Q$option\E\b/, "smsctl(1) explains --$option of $file");
	}
}
my @smsd = long_options('smsd/main.c');
cmp_ok(scalar @smsd, '>', 0, 'smsd has options');
like(text('smsd/man/smsd.8'), qr/Fl -\Q$_\E\b/, "smsd(8) explains --$_") for @smsd;

# .Xr to a page of ours must be there.
for my $page (@pages) {
	my @xr = text($page) =~ /^\.Xr (smsd\S*|smsctl) (\d)/mg;
	while (my ($name, $section) = splice @xr, 0, 2) {
		ok(-e "smsd/man/$name.$section", "$page refers to $name($section)");
	}
}

done_testing;
