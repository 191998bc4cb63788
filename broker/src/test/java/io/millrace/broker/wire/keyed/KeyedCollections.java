package io.millrace.broker.wire.keyed;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.utils.internals.ImplicitLinkedHashCollection;

/** Finds Kafka's keyed collections in Kafka's messages. */
final class KeyedCollections {
    /** Of the nodes of the cluster, which no request names. */
    private static final String NODES = "NodeEndpointCollection";

    private KeyedCollections() {}

    private static List<Field> fields(Class<?> type) {
        var fields = new ArrayList<Field>();
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                fields.add(field);
            }
        }
        return fields;
    }

    /** The hashes of the elements of each that is not empty; what is within an element first. */
    static List<List<Integer>> in(Message message) {
        var all = new ArrayList<List<Integer>>();
        collect(message, all);
        return all;
    }

    private static void collect(Object message, List<List<Integer>> all) {
        for (Field field : fields(message.getClass())) {
            Object value;
            try {
                value = field.get(message);
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
            if (value instanceof Collection<?> collection && !collection.isEmpty()) {
                var hashes = new ArrayList<Integer>();
                for (Object element : collection) {
                    if (element instanceof Message) {
                        collect(element, all);
                    }
                    hashes.add(element.hashCode());
                }
                if (value instanceof ImplicitLinkedHashCollection) {
                    all.add(hashes);
                }
            }
        }
    }

    /** Whether messages of this kind may have any but of nodes. */
    static boolean areIn(Message message) {
        return areIn(message.getClass());
    }

    private static boolean areIn(Class<?> type) {
        for (Field field : fields(type)) {
            if (ImplicitLinkedHashCollection.class.isAssignableFrom(field.getType())) {
                if (!field.getType().getSimpleName().equals(NODES)) {
                    return true;
                }
            } else if (field.getGenericType() instanceof ParameterizedType list
                    && list.getActualTypeArguments()[0] instanceof Class<?> element
                    && Message.class.isAssignableFrom(element)
                    && areIn(element)) {
                return true;
            }
        }
        return false;
    }
}
