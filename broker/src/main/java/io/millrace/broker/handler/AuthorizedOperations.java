package io.millrace.broker.handler;

import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;

/** What a client may do, as bits: all of it, since nobody is kept from anything. Stateless. */
public final class AuthorizedOperations {
    /** The client did not ask. */
    public static final int NOT_ASKED = Integer.MIN_VALUE;

    private static final Set<AclOperation> TOPIC =
            Set.of(
                    AclOperation.READ,
                    AclOperation.WRITE,
                    AclOperation.CREATE,
                    AclOperation.DESCRIBE,
                    AclOperation.DELETE,
                    AclOperation.ALTER,
                    AclOperation.DESCRIBE_CONFIGS,
                    AclOperation.ALTER_CONFIGS);
    private static final Set<AclOperation> CLUSTER =
            Set.of(
                    AclOperation.CREATE,
                    AclOperation.CLUSTER_ACTION,
                    AclOperation.DESCRIBE_CONFIGS,
                    AclOperation.ALTER_CONFIGS,
                    AclOperation.IDEMPOTENT_WRITE,
                    AclOperation.ALTER,
                    AclOperation.DESCRIBE);
    private static final Set<AclOperation> GROUP =
            Set.of(
                    AclOperation.READ,
                    AclOperation.DESCRIBE,
                    AclOperation.DELETE,
                    AclOperation.DESCRIBE_CONFIGS,
                    AclOperation.ALTER_CONFIGS);

    private AuthorizedOperations() {}

    public static int onTopic(boolean asked) {
        return asked ? bits(TOPIC) : NOT_ASKED;
    }

    public static int onCluster(boolean asked) {
        return asked ? bits(CLUSTER) : NOT_ASKED;
    }

    public static int onGroup(boolean asked) {
        return asked ? bits(GROUP) : NOT_ASKED;
    }

    private static int bits(Set<AclOperation> operations) {
        int bits = 0;
        for (AclOperation operation : operations) {
            bits |= 1 << operation.code();
        }
        return bits;
    }
}
