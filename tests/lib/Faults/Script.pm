package Faults::Script;

# Faults::Script - what the subscribers of a fault test send, and how it can be told that it was done.  Used by the load
# (Faults::Load) and by the books (Faults::Books).

use strict;
use warnings;
use utf8;
use Exporter 'import';

# Numbers, vouchers and balances of sql/seed/bench.sql.
use constant { FIRST => 13100000000, VOUCHER => 8800000000000000, SERIAL => 880000000, OPENING => 10000 };

our @EXPORT = qw(@script %bursts %again FIRST VOUCHER SERIAL OPENING);

# What subscriber i sends: the text, the answers that it may have, the command that answers, the money that this moves;
# idle: it changes nothing.
our @script = (
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
our %bursts = (
	strict => [[0, 1, 2, 3], [4, 5, 6, 7]],
	calm => [[0, 1, 4], [2, 6, 3], [5, 7]],
	apart => [[0, 1, 4], [6, 3], [7]],
);
# Outcomes of a text that came again: nothing was changed.
our %again = map { $_ => 1 } qw(repeated already_on used_by_you already_in not_on not_registered);

1;
