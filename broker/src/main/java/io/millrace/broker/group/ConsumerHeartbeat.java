package io.millrace.broker.group;

import io.millrace.broker.group.GroupRequest.Client;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A member of the consumer protocol (KIP-848) says that it is there, what it wants and what it has.
 * What is null, or -1, has not changed since it last said so.
 *
 * @param freshMemberId the id that a new member without one gets, random
 * @param bringsId whether the client has to bring its own id
 * @param epoch 0 to join, -1 to leave, -2 to go away for a while as a static member
 * @param assignor the server-side assignor that it would have
 */
public record ConsumerHeartbeat(
        String group,
        String memberId,
        String freshMemberId,
        boolean bringsId,
        int epoch,
        @Nullable String instanceId,
        @Nullable String rackId,
        int rebalanceTimeoutMs,
        @Nullable List<String> topics,
        @Nullable String regex,
        @Nullable String assignor,
        @Nullable List<OwnedTopic> owned,
        Client client)
        implements GroupRequest {
    public static final int JOIN = 0;
    public static final int LEAVE = -1;
    public static final int LEAVE_FOR_A_WHILE = -2;

    /** Partitions of a topic that the client has. As it says: bounds are not checked. */
    public record OwnedTopic(UUID topic, List<Integer> partitions) {}

    /** Whether it says all that there is to say, and so expects to hear all. */
    public boolean isFull() {
        return epoch == JOIN || (rebalanceTimeoutMs != -1 && topics != null && owned != null);
    }
}
