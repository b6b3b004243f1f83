#!/usr/bin/perl
# sql/install.sql names every file of schema/ and functions/ once, in order.
use strict;
use warnings;
use FindBin;
use Test::More;

my $sql = "$FindBin::Bin/../../sql";
my @there = map { my $d = $_; map { "$d/$_" } sort map { s{.*/}{}r } glob "$sql/$d/*.sql" } qw(schema functions);
open my $in, '<', "$sql/install.sql" or die "$sql/install.sql: $!\n";
my @named = grep { m{^(?:schema|functions)/} } map { /^\\ir (\S+)$/ ? $1 : () } <$in>;
is_deeply(\@named, \@there, 'install.sql names what is there');
done_testing;
