/* imap_forest.c: see imap_forest.h. The way from a node up to its tree's top is kept as a search
   tree of its own, ordered by depth: left is nearer the top. Where `up` leads to a node that does
   not have this one on its left or right, it leads from the top of one way to the place where
   that way joins another. Looking at a node makes its way one tree with the node as its root. */
#include "servers/imap/imap_forest.h"

struct forest forest_new(struct arena *arena, size_t count)
{
    return (struct forest){ arena_take_array(arena, count + 1, sizeof(struct forest_node)) };
}

static bool is_root(const struct forest_node *nodes, uint32_t node)
{
    uint32_t up = nodes[node].up;
    return up == 0 || (nodes[up].left != node && nodes[up].right != node);
}

/* The node changes places with the one above it; the order stays. */
static void rotate(struct forest_node *nodes, uint32_t node)
{
    uint32_t up = nodes[node].up, over = nodes[up].up;
    bool was_root = is_root(nodes, up), on_left = nodes[up].left == node;
    uint32_t inner = on_left ? nodes[node].right : nodes[node].left;
    if (on_left) {
        nodes[up].left = inner;
        nodes[node].right = up;
    } else {
        nodes[up].right = inner;
        nodes[node].left = up;
    }
    if (inner)
        nodes[inner].up = up;
    nodes[up].up = node;
    nodes[node].up = over;
    if (was_root)
        return;
    if (nodes[over].left == up)
        nodes[over].left = node;
    else
        nodes[over].right = node;
}

static void splay(struct forest_node *nodes, uint32_t node)
{
    while (!is_root(nodes, node)) {
        uint32_t up = nodes[node].up;
        if (!is_root(nodes, up)) {
            bool straight = (nodes[up].left == node) == (nodes[nodes[up].up].left == up);
            rotate(nodes, straight ? up : node);
        }
        rotate(nodes, node);
    }
}

/* Makes the way from the top down to this node, and no further, one tree with it as its root. */
static void look_at(struct forest_node *nodes, uint32_t node)
{
    uint32_t below = 0;
    for (uint32_t at = node; at; at = nodes[at].up) {
        splay(nodes, at);
        nodes[at].right = below;
        below = at;
    }
    splay(nodes, node);
}

uint32_t forest_top(struct forest *forest, uint32_t node)
{
    look_at(forest->nodes, node);
    while (forest->nodes[node].left)
        node = forest->nodes[node].left;
    splay(forest->nodes, node); /* pays for the way down */
    return node;
}

void forest_link(struct forest *forest, uint32_t top, uint32_t above)
{
    look_at(forest->nodes, top);
    forest->nodes[top].up = above;
}

void forest_cut(struct forest *forest, uint32_t node)
{
    look_at(forest->nodes, node);
    uint32_t left = forest->nodes[node].left;
    forest->nodes[node].left = 0;
    if (left)
        forest->nodes[left].up = 0;
}
