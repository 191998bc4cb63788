package io.millrace.broker.group;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is to say of a classic group. */
public record GroupDescription(
        String id,
        GroupState state,
        String protocolType,
        String protocol,
        List<MemberDescription> members) {
    /** One member; metadata and assignment are empty while the group rebalances. */
    public record MemberDescription(
            String id,
            @Nullable String instanceId,
            GroupRequest.Client client,
            ByteBuffer metadata,
            ByteBuffer assignment) {}
}
