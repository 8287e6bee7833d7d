// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// The codes of node/domain/data/transitions.json under their names; WalksTest compares the names with that file.

library Action {
    uint8 internal constant REQUEST = 1;
    uint8 internal constant ACKNOWLEDGE = 2;
    uint8 internal constant REPLY = 3;
    uint8 internal constant DECLINE = 4;
    uint8 internal constant CONSENT = 5;
    uint8 internal constant ORDER = 6;
    uint8 internal constant ACCEPT = 7;
    uint8 internal constant DEBIT = 8;
    uint8 internal constant CANCEL = 9;
    uint8 internal constant REVOKE = 10;
    uint8 internal constant REVERSE = 11;
    uint8 internal constant SETTLE = 12;
    uint8 internal constant DISPUTE = 13;
    uint8 internal constant RESOLVE = 14;
    uint8 internal constant CLOSE = 15;
}

library Rule {
    uint8 internal constant TAKEN = 0;
    uint8 internal constant ACTION = 1;
    uint8 internal constant FIELDS = 2;
    uint8 internal constant PAYLOAD_SIZE = 3;
    uint8 internal constant CASE = 4;
    uint8 internal constant PARTY = 5;
    uint8 internal constant RECIPIENT = 6;
    uint8 internal constant PHASE = 7;
    uint8 internal constant ORDER_OPEN = 8;
    uint8 internal constant UNSETTLED = 9;
    uint8 internal constant HEAD = 10;
    uint8 internal constant TARGET = 11;
    uint8 internal constant ACCEPTED = 12;
    uint8 internal constant NOT_ACCEPTED = 13;
    uint8 internal constant DISPUTED = 14;
    uint8 internal constant CONSENT_LIVE = 15;
    uint8 internal constant CONSENT_STANDS = 16;
    uint8 internal constant AMOUNT_RANGE = 17;
    uint8 internal constant AMOUNT = 18;
    uint8 internal constant PARTS = 19;
    uint8 internal constant CONSENT_AMOUNT = 20;
    uint8 internal constant CLAIM = 21;
    uint8 internal constant FUND_ACCOUNT = 22;
    uint8 internal constant ORDER_LIMIT = 23;
    uint8 internal constant DAY_LIMIT = 24;
}

library Phase {
    uint8 internal constant NONE = 0;
    uint8 internal constant REQUESTED = 1;
    uint8 internal constant ACKNOWLEDGED = 2;
    uint8 internal constant REPLIED = 3;
    uint8 internal constant CONSENTED = 4;
    uint8 internal constant DECLINED = 5;
    uint8 internal constant CLOSED = 6;
}

library Kind {
    uint8 internal constant ADMIT = 1;
    uint8 internal constant SUSPEND = 2;
    uint8 internal constant REINSTATE = 3;
    uint8 internal constant SET_LIMITS = 4;
    uint8 internal constant LOWER_LIMITS = 5;
    uint8 internal constant REPLACE_ADMINS = 6;
    uint8 internal constant NAME_SUCCESSOR = 7;
    uint8 internal constant PAUSE = 8;
    uint8 internal constant RESUME = 9;
    uint8 internal constant ADD_OFFICER = 10;
    uint8 internal constant SUSPEND_OFFICER = 11;
    uint8 internal constant ADD_SENDER = 12;
    uint8 internal constant REMOVE_SENDER = 13;
    uint8 internal constant REGISTER_KEY = 14;
    uint8 internal constant ADD_FUND_ACCOUNT = 15;
    uint8 internal constant REMOVE_FUND_ACCOUNT = 16;
    uint8 internal constant NAME_LEDGER = 17;
}

library Permission {
    uint8 internal constant MAKER = 1;
    uint8 internal constant CHECKER = 2;
    uint8 internal constant ADMIN = 4;
    uint8 internal constant SERVICE = 8;
}

/// @notice The members of the test alliance; 1 to 3 are the governors.
library Org {
    uint16 internal constant OFFICE = 4;
    uint16 internal constant OFFICE_2 = 5;
    uint16 internal constant BANK = 6;
    uint16 internal constant BANK_2 = 7;
    uint16 internal constant AUTHORITY = 8;
    uint16 internal constant AUDITOR = 9;
}

/// @notice Where a case can stand, in the order in which Alliance.caseAt walks there.
enum Stage {
    NONE,
    REQUESTED,
    ACKNOWLEDGED,
    DECLINED,
    CLOSED,
    NOT_DEBITABLE,
    REPLIED,
    CONSENTED,
    REVOKED,
    OFFICE_DISPUTES,
    BANK_DISPUTES,
    ORDERED,
    CANCELLED,
    ACCEPTED,
    REVOKED_ACCEPTED,
    DISPUTED_ACCEPTED,
    DEBITED,
    FAILED,
    USED_UP,
    SETTLED,
    REVERSED,
    GIVEN_BACK,
    CLOSED_SETTLED
}
