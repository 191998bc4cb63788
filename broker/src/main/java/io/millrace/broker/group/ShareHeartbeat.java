package io.millrace.broker.group;

import io.millrace.broker.group.GroupRequest.Client;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member of a share group says that it is there (KIP-932). What is null has not changed since it
 * last said so.
 *
 * @param epoch 0 to join, -1 to leave
 */
public record ShareHeartbeat(
        String group,
        String memberId,
        int epoch,
        @Nullable String rackId,
        @Nullable List<String> topics,
        Client client)
        implements GroupRequest {
    public static final int JOIN = 0;
    public static final int LEAVE = -1;
}
