package io.millrace.broker.group.classic;

import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupDescription.MemberDescription;
import io.millrace.broker.group.GroupState;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Describes classic groups. Stateless. */
public final class ClassicDescription {
    private ClassicDescription() {}

    public static GroupDescription of(ClassicGroup<?> group) {
        boolean stable = group.is(GroupState.STABLE);
        String protocol = stable ? group.protocol() : null;
        return new GroupDescription(
                group.id(),
                group.state(),
                group.protocolType(),
                protocol == null ? "" : protocol,
                group.members().stream().map(member -> describe(member, protocol)).toList());
    }

    private static MemberDescription describe(Member<?> member, @Nullable String protocol) {
        ByteBuffer none = ByteBuffer.allocate(0);
        return new MemberDescription(
                member.id(),
                member.instanceId(),
                member.client(),
                protocol == null ? none : member.metadata(protocol),
                protocol == null ? none : member.assignment());
    }
}
